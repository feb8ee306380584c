"""The worker's making of renditions."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from gallery.models import Image, Rendering, State, StrayFile
from gallery.rendering import GAVE_UP, render, render_next, renew_some, sweep
from gallery.renditions import KINDS
from gallery.tasks import delete_stray_files, render_pending
from tests.conftest import picture_bytes

Store = Callable[..., Image]


def state_of(image: Image) -> tuple[str, str]:
    rendering = Rendering.objects.get(image=image)
    return rendering.state, rendering.error


def renditions_of(image: Image) -> list[str]:
    return [kind for kind in KINDS if default_storage.exists(image.rendition_name(kind))]


def test_a_rendering_is_made_and_kept(store: Store) -> None:
    image = store("red")
    assert render_next()
    assert state_of(image) == (State.READY, "")
    assert renditions_of(image) == list(KINDS)
    assert not StrayFile.objects.exists()


def test_nothing_waits_when_all_is_done(store: Store) -> None:
    store("red")
    assert [render_next(), render_next()] == [True, False]


def test_the_task_makes_one_and_rings_for_the_next(store: Store) -> None:
    first, second = store("red"), store("blue")
    render_pending()
    assert [state_of(first)[0], state_of(second)[0]] == [State.READY, State.PENDING]


def test_a_file_that_was_cut_off_fails_with_a_reason(store: Store) -> None:
    image, other = store("red"), store("blue")
    path = Path(image.file.path)
    path.write_bytes(picture_bytes(size=(400, 400), format="JPEG")[:700])
    while render_next():
        pass
    state, error = state_of(image)
    assert state == State.FAILED
    assert "ends too early" in error
    assert state_of(other)[0] == State.READY
    assert renditions_of(image) == []


def test_a_file_that_is_missing_fails_with_a_reason(store: Store) -> None:
    image = store("red")
    Path(image.file.path).unlink()
    render_next()
    state, error = state_of(image)
    assert (state, "missing in storage" in error) == (State.FAILED, True)


def test_an_image_deleted_meanwhile_leaves_no_rendition_behind(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = store("red")
    (rendering,) = Rendering.objects.select_related("image")
    original = Path(image.file.path).read_bytes()
    image.delete()
    delete_stray_files()
    Path(rendering.image.file.path).write_bytes(original)
    render(rendering)
    assert renditions_of(rendering.image) == list(KINDS)
    delete_stray_files()
    assert renditions_of(rendering.image) == []


def test_one_that_ends_its_worker_is_given_up(store: Store) -> None:
    image = store("red")
    Rendering.objects.update(attempts=3, leased_until="2000-01-01T00:00Z")
    assert not render_next()
    assert not sweep()
    assert state_of(image) == (State.FAILED, GAVE_UP)


def test_the_sweep_says_whether_anything_waits(store: Store, db: Any) -> None:
    assert not sweep()
    store("red")
    assert sweep()


@pytest.fixture
def old(store: Store) -> Image:
    """A red image as it was before there were so many sizes."""
    image = store("red")
    render_next()
    for kind in ("small", "medium"):
        default_storage.delete(image.rendition_name(kind))
    Rendering.objects.update(color="")
    return image


def test_old_renditions_get_what_they_lack(old: Image) -> None:
    thumbnail = Path(default_storage.path(old.rendition_name("thumbnail"))).read_bytes()
    assert sweep()
    assert [renew_some(), renew_some()] == [True, False]
    assert renditions_of(old) == list(KINDS)
    assert Rendering.objects.get().color == "#fe0000"
    assert Path(default_storage.path(old.rendition_name("thumbnail"))).read_bytes() == thumbnail


def test_old_renditions_whose_preview_is_gone_are_made_anew(old: Image) -> None:
    default_storage.delete(old.rendition_name("preview"))
    assert renew_some()
    assert state_of(old)[0] == State.PENDING
    render_next()
    assert renditions_of(old) == list(KINDS)

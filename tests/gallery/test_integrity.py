"""`check_gallery` finds what is wrong with files and rows, repairs what is safe, and says so."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from time import time
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from gallery import locks
from gallery.integrity.checking import REPAIRED_AT_ONCE, check_gallery
from gallery.models import Image, IntegrityCheck, Rendering, State, StrayFile, User
from gallery.rendering import render_next
from gallery.storage import part_name
from gallery.tasks import check_integrity, delete_stray_files

Store = Callable[..., Image]
Found = dict[str, tuple[int, int]]


@pytest.fixture
def rendered(store: Store) -> Image:
    image = store("red", title="Red")
    render_next()
    return image


def found(*, repair: bool = False) -> Found:
    """How many defects of each kind there were, and how many of these were repaired."""
    check = check_gallery(repair=repair)
    return {one["kind"]: (one["count"], one["repaired"]) for one in check.findings}


def leave(name: str, age: timedelta = timedelta(hours=2)) -> str:
    """A file of that age in storage that no row speaks of."""
    default_storage.save(name, ContentFile(b"x"))
    os.utime(path_of(name), (time() - age.total_seconds(),) * 2)
    return name


def path_of(name: str) -> Path:
    return Path(default_storage.path(name))


def test_a_whole_gallery_has_nothing_to_find(rendered: Image, store: Store) -> None:
    store("blue")
    assert found() == {}


def test_a_missing_original_is_named_and_can_not_be_repaired(rendered: Image) -> None:
    default_storage.delete(rendered.stored_name)
    assert found(repair=True) == {"missing_original": (1, 0)}
    which = IntegrityCheck.objects.get().findings[0]["which"]
    assert which == [f"image {rendered.pk} (Red): {rendered.stored_name}"]


def test_the_same_bytes_again_bring_a_missing_original_back(rendered: Image, store: Store) -> None:
    default_storage.delete(rendered.stored_name)
    assert store("red") == rendered
    assert found() == {}


@pytest.mark.parametrize("change", [lambda data: data + b"x", lambda data: data[:-1] + b"x"])
def test_other_bytes_than_were_uploaded_are_found(
    rendered: Image, change: Callable[[bytes], bytes]
) -> None:
    path = path_of(rendered.stored_name)
    path.write_bytes(change(path.read_bytes()))
    assert found(repair=True) == {"changed_original": (1, 0)}


def test_an_image_that_is_deleted_meanwhile_lacks_nothing(rendered: Image) -> None:
    from gallery.integrity.originals import find_defects

    default_storage.delete(rendered.stored_name)
    assert list(find_defects(lambda _: rendered.delete())) == []


def test_a_missing_thumbnail_is_made_again(rendered: Image) -> None:
    default_storage.delete(rendered.rendition_name("thumbnail"))
    assert found() == {"missing_rendition": (1, 0)}
    assert found(repair=True) == {"missing_rendition": (1, 1)}
    render_next()
    assert default_storage.exists(rendered.rendition_name("thumbnail"))
    assert found() == {}


def test_a_lost_row_of_renditions_is_noted_again(rendered: Image) -> None:
    Rendering.objects.all().delete()
    assert found(repair=True) == {"missing_rendition": (1, 1)}
    assert Rendering.objects.get().state == State.PENDING


def test_renditions_that_wait_or_failed_say_so_themselves(store: Store) -> None:
    store("red")
    store("blue")
    Rendering.objects.filter(image__sha256=store("blue").sha256).fail("It is damaged.")
    assert found() == {}


def test_an_old_rendition_without_an_image_goes(rendered: Image) -> None:
    name = leave("renditions/zz/zz-preview.jpg")
    assert found() == {"stray_rendition": (1, 0)}
    assert found(repair=True) == {"stray_rendition": (1, 1)}
    delete_stray_files()
    assert not default_storage.exists(name)
    assert default_storage.exists(rendered.rendition_name("preview"))


def test_an_upload_without_a_row_is_kept_for_a_week(rendered: Image) -> None:
    name = leave("originals/00/lost.png")
    assert found(repair=True) == {"stray_original": (1, 1)}
    delete_stray_files()
    assert default_storage.exists(name)
    assert found() == {}
    assert StrayFile.objects.get().delete_after > timezone.now() + timedelta(days=6)


def test_a_young_or_announced_file_may_still_be_claimed(db: None) -> None:
    leave("originals/ab/young.png", age=timedelta(minutes=59))
    StrayFile.objects.announce([leave("originals/ab/announced.png")])
    leave(part_name("originals/ab/announced.png"))
    assert found() == {}


def test_a_part_left_beside_an_original_goes_without_it(rendered: Image) -> None:
    part = leave(part_name(rendered.stored_name))
    assert found(repair=True) == {"stray_original": (1, 1)}
    StrayFile.objects.update(delete_after=timezone.now())
    delete_stray_files()
    assert not default_storage.exists(part)
    assert default_storage.exists(rendered.stored_name)


def test_a_file_whose_name_no_row_can_hold_is_told_only(rendered: Image) -> None:
    leave(os.fsdecode(b"originals/ab/caf\xe9.png"))
    assert found(repair=True) == {"foreign_file": (1, 0)}


def test_all_of_many_are_repaired(store: Store) -> None:
    for number in range(REPAIRED_AT_ONCE + 1):
        leave(f"renditions/ab/{number}.jpg")
    count = REPAIRED_AT_ONCE + 1
    assert found(repair=True) == {"stray_rendition": (count, count)}
    assert len(IntegrityCheck.objects.get().findings[0]["which"]) == 100


def test_it_takes_as_many_queries_for_many_images_as_for_few(
    alice: User, store: Store, django_assert_num_queries: Any
) -> None:
    from gallery.integrity.checking import OWN, findings, unwatched

    for color in ("red", "green", "blue"):
        store(color)
    with django_assert_num_queries(4):
        assert findings(OWN, repair=False, watch=unwatched) == []


def test_the_command_tells_in_words_and_fails(
    rendered: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    default_storage.delete(rendered.stored_name)
    with pytest.raises(CommandError, match=r"^1 left to see to\.$"):
        call_command("check_gallery")
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("The file of 1 image is missing. Upload or import the same files")
    assert told[1:2] == [f"  image {rendered.pk} (Red): {rendered.stored_name}"]


def test_the_command_ends_well_when_nothing_is_left(rendered: Image) -> None:
    leave("renditions/zz/zz-preview.jpg")
    out = StringIO()
    call_command("check_gallery", "--repair", stdout=out)
    assert "1 thumbnail or preview belongs to no image. Repaired." in out.getvalue()
    call_command("check_gallery", stdout=out)
    assert out.getvalue().strip().endswith("All is well.")


def test_json_has_the_figures(rendered: Image) -> None:
    out = StringIO()
    call_command("check_gallery", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["images"], told["left"], told["findings"]) == (1, 0, [])


def test_the_weekly_check_keeps_its_result_and_repairs_nothing(rendered: Image) -> None:
    leave("renditions/zz/zz-preview.jpg")
    for _ in range(2):
        check_integrity()
    newest = IntegrityCheck.objects.newest()
    assert newest == IntegrityCheck.objects.get()
    assert (newest.images, newest.left, newest.is_clean) == (1, 1, False)
    assert not StrayFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_checks_do_not_run_at_once() -> None:
    from threading import Thread

    from django.db import connection

    def check() -> None:
        check_integrity()
        connection.close()

    with locks.alone(locks.CHECKING):
        other = Thread(target=check)
        other.start()
        other.join()
    assert not IntegrityCheck.objects.exists()

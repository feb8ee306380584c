"""The one door through which images come in."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from gallery.imagefile import NoSpace, RejectedFile
from gallery.ingest import Labels, store_image
from gallery.models import Album, Image, Rendering, State, StrayFile, User, Visibility
from gallery.signals import image_stored
from gallery.tasks import delete_stray_files
from tests.conftest import Picture, picture_bytes

Store = Callable[..., Image]


def stored_files(settings: Any) -> list[Path]:
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def test_the_bytes_are_kept_as_they_came(alice: User, settings: Any) -> None:
    data = picture_bytes()
    image, is_new = store_image(alice, ContentFile(data, "a.png"))
    assert is_new
    assert [path.read_bytes() for path in stored_files(settings)] == [data]
    assert (image.byte_size, image.format, image.owner) == (len(data), "PNG", alice)


def test_its_name_in_storage_has_nothing_of_the_clients(alice: User) -> None:
    image, _ = store_image(alice, ContentFile(picture_bytes(), "../../evil.html"))
    assert Path(str(image.file.name)).suffix == ".png"
    assert "evil" not in str(image.file.name)
    assert image.file_name == "evil.html"


def test_its_title_comes_from_the_file_name(store: Store, alice: User, picture: Picture) -> None:
    image, _ = store_image(alice, picture(name="red_wall at noon.png"))
    assert image.title == "red wall at noon"
    assert store("blue", title="Sea").title == "Sea"


def test_a_name_that_is_no_text_is_no_obstacle(alice: User) -> None:
    image, _ = store_image(alice, ContentFile(picture_bytes(), os.fsdecode(b"caf\xe9.png")))
    assert image.title == "caf?"


def test_it_is_private_unless_said_otherwise(store: Store) -> None:
    assert store("red").visibility == Visibility.PRIVATE
    assert store("blue", visibility=Visibility.PUBLIC).visibility == Visibility.PUBLIC


def test_labels_that_are_missing_are_made(store: Store) -> None:
    image = store("red", album=" Walls ", tags=["old", "Old", " ", "brick"])
    assert [album.title for album in image.albums.all()] == ["Walls"]
    assert {tag.name.lower() for tag in image.tags.all()} == {"brick", "old"}


def test_its_renditions_are_asked_for(store: Store) -> None:
    rendering = Rendering.objects.get(image=store("red"))
    assert (rendering.state, rendering.attempts) == (State.PENDING, 0)


def test_others_hear_of_it_once_it_is_committed(
    alice: User, picture: Picture, django_capture_on_commit_callbacks: Any
) -> None:
    heard = []

    def listen(image: Image, **signal: Any) -> None:
        heard.append(image)

    image_stored.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        image, _ = store_image(alice, picture())
        assert heard == []
    assert heard == [image]
    image_stored.disconnect(listen)


def test_the_same_bytes_again_get_labels_and_no_more(
    store: Store, alice: User, picture: Picture, settings: Any
) -> None:
    first = store("red", title="Wall", tags=["old"])
    again = Labels(title="Other", album="Bricks", tags=["red"], visibility=Visibility.PUBLIC)
    image, is_new = store_image(alice, picture("red"), again)
    assert (image, is_new, image.title) == (first, False, "Wall")
    assert image.visibility == Visibility.PRIVATE
    assert {tag.name for tag in image.tags.all()} == {"old", "red"}
    assert len(stored_files(settings)) == 1


def test_another_owner_has_an_image_of_their_own(store: Store, bob: User, settings: Any) -> None:
    store("red")
    assert store("red", owner=bob).owner == bob
    assert len(stored_files(settings)) == 2


def assert_nothing_is_left(settings: Any) -> None:
    """No row without a file, and no file without a row once the worker came by."""
    assert not Image.objects.exists()
    assert not Album.objects.exists()
    delete_stray_files()
    assert stored_files(settings) == []
    assert not StrayFile.objects.exists()


def test_a_rejected_file_leaves_nothing(alice: User, settings: Any) -> None:
    with pytest.raises(RejectedFile):
        store_image(alice, ContentFile(b"hello", "a.png"), Labels(album="New"))
    assert_nothing_is_left(settings)


def test_a_full_disk_leaves_nothing(
    alice: User, picture: Picture, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoSpace, match="disk is full"):
        store_image(alice, picture(), Labels(album="New"))
    assert_nothing_is_left(settings)


def test_a_row_that_is_refused_leaves_no_file(alice: User, picture: Picture, settings: Any) -> None:
    with pytest.raises(Exception, match="too long"):
        store_image(alice, picture(), Labels(title="x" * 300, album="New"))
    assert_nothing_is_left(settings)


def test_a_process_killed_between_file_and_row_leaves_no_file_for_long(
    alice: User, picture: Picture, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", die)
    with pytest.raises(KeyboardInterrupt):
        store_image(alice, picture())
    assert stored_files(settings)
    delete_stray_files()
    assert stored_files(settings), "an upload may still be under way"
    StrayFile.objects.update(delete_after="2000-01-01T00:00Z")
    assert_nothing_is_left(settings)


def test_no_stray_file_is_left_of_what_is_stored(store: Store) -> None:
    store("red")
    assert not StrayFile.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_at_the_same_time_are_one_image(alice: User, settings: Any) -> None:
    data = picture_bytes(size=(600, 400))
    found: list[tuple[int, bool]] = []

    def upload() -> None:
        image, is_new = store_image(alice, SimpleUploadedFile("a.png", data), Labels(album="A"))
        found.append((image.pk, is_new))
        connection.close()

    threads = [Thread(target=upload) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({pk for pk, _ in found}) == 1
    assert sorted(is_new for _, is_new in found) == [False, False, False, True]
    delete_stray_files()
    assert len(stored_files(settings)) == 1
    assert not StrayFile.objects.exists()

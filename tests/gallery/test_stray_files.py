"""Files that no image claims go; files that one claims stay."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone

from gallery.models import Image, StrayFile, User
from gallery.rendering import render_next
from gallery.renditions import KINDS
from gallery.storage import part_name
from gallery.tasks import delete_stray_files

Store = Callable[..., Image]


@pytest.fixture
def file(db: None) -> str:
    return default_storage.save("originals/ab/abc.png", ContentFile(b"x"))


def files(settings: Any) -> list[str]:
    return [path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_an_announced_file_has_time_to_be_adopted(file: str) -> None:
    StrayFile.objects.announce([file])
    delete_stray_files()
    assert default_storage.exists(file)
    StrayFile.objects.update(delete_after=timezone.now() - timedelta(seconds=1))
    delete_stray_files()
    assert not default_storage.exists(file)
    assert not StrayFile.objects.exists()


def test_an_adopted_file_stays(file: str) -> None:
    StrayFile.objects.announce([file])
    StrayFile.objects.adopt([file])
    delete_stray_files()
    assert default_storage.exists(file)


def test_a_doomed_file_goes_at_once(file: str) -> None:
    StrayFile.objects.announce([file])
    StrayFile.objects.doom([file])
    delete_stray_files()
    assert not default_storage.exists(file)


def test_what_was_written_of_a_file_goes_with_it(file: str, settings: Any) -> None:
    Path(default_storage.path(part_name(file))).write_bytes(b"half")
    StrayFile.objects.doom([file])
    delete_stray_files()
    assert files(settings) == []


def test_a_file_that_was_never_written_is_no_obstacle(db: None) -> None:
    StrayFile.objects.doom(["originals/ab/never.png"])
    delete_stray_files()
    assert not StrayFile.objects.exists()


def test_deleting_an_image_deletes_all_its_files(store: Store, settings: Any) -> None:
    image = store("red")
    render_next()
    assert len(files(settings)) == 1 + len(KINDS)
    image.delete()
    delete_stray_files()
    assert files(settings) == []


def test_deleting_a_queryset_deletes_all_their_files(
    store: Store, alice: User, settings: Any
) -> None:
    for color in ("red", "green", "blue"):
        store(color)
    kept = store("white")
    Image.objects.visible_to(alice).exclude(pk=kept.pk).delete()
    delete_stray_files()
    assert files(settings) == [Path(kept.file.path).name]


def test_a_deletion_that_is_rolled_back_deletes_nothing(store: Store) -> None:
    image = store("red")
    with transaction.atomic():
        Image.objects.get(pk=image.pk).delete()
        transaction.set_rollback(True)
    delete_stray_files()
    assert Image.objects.filter(pk=image.pk).exists()
    assert default_storage.exists(str(image.file.name))


def test_a_person_with_images_is_not_deleted_over_their_heads(store: Store, alice: User) -> None:
    store("red")
    with pytest.raises(ProtectedError):
        alice.delete()


def test_a_file_is_complete_or_not_there(
    settings: Any, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    class BrokenOff(ContentFile):
        def chunks(self, chunk_size: int | None = None) -> Any:
            yield b"half"
            raise ConnectionError

    with pytest.raises(ConnectionError):
        default_storage.save("originals/ab/half.png", BrokenOff(b""))
    assert not default_storage.exists("originals/ab/half.png")
    assert files(settings) == ["half.png.part"]

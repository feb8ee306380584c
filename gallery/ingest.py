"""The one door through which images come in: page, API and command alike."""

import errno
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath
from typing import IO, Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from gallery.bell import ring_on_commit
from gallery.exif import Recorded
from gallery.imagefile import ImageFacts, NoSpace, inspect, sha256_of
from gallery.labels import label_image
from gallery.models import CameraFacts, Image, Rendering, StrayFile, User, Visibility
from gallery.signals import image_stored
from gallery.tasks import render_pending


@dataclass(frozen=True)
class Labels:
    """What an uploader says about an image."""

    title: str = ""
    description: str = ""
    album: str = ""
    tags: Iterable[str] = ()
    visibility: str = Visibility.PRIVATE
    rating: int = 0
    # Tags of a new image only: what its file says must not come back when the file does.
    keywords: Iterable[str] = ()


@dataclass(frozen=True)
class Inspected:
    """What is known of a file before the database is asked."""

    facts: ImageFacts
    sha256: str


def look_at(file: IO[bytes]) -> Inspected:
    """Raises RejectedFile with a sentence for its sender."""
    return Inspected(inspect(file), sha256_of(file))


def store_image(owner: User, file: File, labels: Labels = Labels()) -> tuple[Image, bool]:
    """Store `file` for `owner`; return the image and whether it is new.

    Bytes the owner already has are the image they have: it gets the album and the tags, no more.
    If it lies in the trash it comes back, and `was_restored` says so.
    Raises RejectedFile; then neither a row nor a file is left.
    """
    return store_inspected(owner, file, look_at(file), labels)


def store_inspected(
    owner: User, file: File, inspected: Inspected, labels: Labels
) -> tuple[Image, bool]:
    """As `store_image`, of a file that was looked at already."""
    facts, digest = inspected.facts, inspected.sha256
    image = find_known(owner, digest)
    if image is None:
        image = Image(
            owner=owner,
            title=labels.title or title_from(file.name),
            description=labels.description,
            visibility=labels.visibility,
            rating=labels.rating,
            taken_at=facts.taken_at,
            **file_columns(file, inspected),
        )
        image.file.name = Image.new_file_name(facts.suffix)
        if save_new(image, file, labels, facts.recorded):
            return image, True
        image = Image.objects.get(owner=owner, sha256=digest)
    restore_file(image, file)
    label_image(image, labels.album, labels.tags)
    return image, False


def file_columns(file: File, inspected: Inspected) -> dict[str, Any]:
    """What an image's row says of its file, but for where it is stored."""
    facts = inspected.facts
    return {
        "file_name": printable(PurePath(file.name or "").name)[:255],
        "sha256": inspected.sha256,
        "byte_size": file.size,
        "format": facts.format,
        "width": facts.width,
        "height": facts.height,
        "frames": facts.frames,
    }


def find_known(owner: User, digest: str) -> Image | None:
    """The image that the owner has of these bytes already, out of the trash if it lies there."""
    image = Image.objects.owned_by(owner).filter(sha256=digest).first()
    return taken_from_trash(image) if image and image.trashed_at else image


def taken_from_trash(image: Image) -> Image | None:
    """The image, back where it was; None where it was to go for good, and now is gone."""
    found = Image.objects.filter(pk=image.pk)
    if found.overdue().delete()[0]:
        return None
    was_restored = bool(found.restore())
    if back := found.first():
        back.was_restored = was_restored
    return back


def save_new(image: Image, file: File, labels: Labels, recorded: Recorded) -> bool:
    """Write the file, then the row. False when the same bytes came first through another door."""
    name = image.stored_name
    StrayFile.objects.announce([name])
    try:
        write_file(name, file)
        with transaction.atomic():
            image.save()
            label_image(image, labels.album, [*labels.tags, *labels.keywords])
            Rendering.objects.create(image=image)
            CameraFacts.objects.keep(image, recorded)
            StrayFile.objects.adopt([name])
            ring_on_commit(render_pending)
            transaction.on_commit(partial(image_stored.send, Image, image=image))
    except IntegrityError:
        StrayFile.objects.doom([name])
        return False
    except Exception:
        StrayFile.objects.doom([name])
        raise
    return True


def restore_file(image: Image, file: File) -> None:
    """Its bytes came again: where storage has lost them, it has them back."""
    if not default_storage.exists(image.stored_name):
        write_file(image.stored_name, file)
        Rendering.objects.filter(image=image).failed().retry()
        ring_on_commit(render_pending)


def write_file(name: str, file: File) -> None:
    try:
        default_storage.save(name, file)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            text = gettext("The server's disk is full. Nothing of this file was kept.")
            raise NoSpace(text) from error
        raise


def title_from(file_name: str | None) -> str:
    return printable(PurePath(file_name or "").stem).replace("_", " ").strip()[:200]


def printable(name: str) -> str:
    """A file's name may hold bytes that are no text in any encoding we know."""
    return name.encode("utf-8", "replace").decode()

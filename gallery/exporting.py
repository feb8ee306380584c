"""A gallery, or a person's part of it, as plain files and lists that any program can read.

`originals/` holds the files as they were uploaded, images.jsonl one JSON object a line about each,
albums.jsonl one about each album, smart_albums.jsonl one about each smart album. Shared links stay
behind: their addresses are secrets of the gallery that made them.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import IO, Any

from django.db.models import Prefetch

from gallery.chunks import chunks
from gallery.exif import Recorded
from gallery.imagefile import CHUNK
from gallery.models import Album, AlbumItem, Image, SmartAlbum
from gallery.models.camera import camera_facts_of
from gallery.models.images import AlbumQuerySet, ImageQuerySet
from gallery.models.smart import SmartAlbumQuerySet
from gallery.storage import part_name, sync_folder

IMAGES, ALBUMS, SMART_ALBUMS = "images.jsonl", "albums.jsonl", "smart_albums.jsonl"
ORIGINALS = "originals"
AT_ONCE = 500
# What no file system minds, and no shell; the number before it keeps names apart.
UNSAFE = re.compile(r"[^\w.+@ ()-]+|^\.+")
MOST_CHARACTERS = 80
RECORDED = [field.name for field in fields(Recorded)]

Line = dict[str, Any]
# Says more of some images, by their primary keys.
Extra = Callable[[Sequence[Image]], dict[int, Line]]


@dataclass
class Exported:
    images: int = 0
    albums: int = 0
    bytes: int = 0
    complaints: list[str] = field(default_factory=list)


def nothing_more(images: Sequence[Image]) -> dict[int, Line]:
    return {}


def export(
    images: ImageQuerySet,
    albums: AlbumQuerySet,
    smart_albums: SmartAlbumQuerySet,
    folder: Path,
    *,
    extra: Extra = nothing_more,
    progress: Callable[[int], object],
) -> Exported:
    """Write them into `folder`; what an earlier run has written there already is not written again.

    A file that is missing or damaged is in the complaints, and has no line.
    """
    exported = Exported()
    folder.mkdir(parents=True, exist_ok=True)
    with lines_in(folder / ALBUMS) as file:
        for album in albums.order_by("pk").select_related("owner").prefetch_related("shared_with"):
            write_line(file, facts_of_album(album))
            exported.albums += 1
    with lines_in(folder / SMART_ALBUMS) as file:
        kept = smart_albums.order_by("pk").select_related("owner").prefetch_related("shared_with")
        for smart_album in kept:
            write_line(file, facts_of_smart_album(smart_album))
            exported.albums += 1
    with lines_in(folder / IMAGES) as file:
        for chunk in chunks(with_facts(images, albums), AT_ONCE):
            more = extra(chunk)
            for image in chunk:
                if copy_original(image, folder, exported):
                    write_line(file, {**facts_of(image), **more.get(image.pk, {})})
                progress(1)
    return exported


def with_facts(images: ImageQuerySet, albums: AlbumQuerySet) -> Iterator[Image]:
    items = AlbumItem.objects.filter(album__in=albums.order_by()).select_related("album__owner")
    full = images.select_related("owner", "camera_facts").prefetch_related(
        "tags", "shared_with", "favourites__user", Prefetch("album_items", items)
    )
    return full.order_by("pk").iterator(AT_ONCE)


def facts_of(image: Image) -> Line:
    return {
        "file": place_of(image),
        "sha256": image.sha256,
        "file_name": image.file_name,
        "format": image.format,
        "width": image.width,
        "height": image.height,
        "owner": image.owner.username,
        "title": image.title,
        "description": image.description,
        "rating": image.rating,
        "favourite_of": names_of(favourite.user for favourite in image.favourites.all()),
        "visibility": image.visibility,
        "shared_with": names_of(image.shared_with.all()),
        "tags": sorted(tag.name for tag in image.tags.all()),
        "albums": [
            {
                "owner": item.album.owner.username,
                "title": item.album.title,
                "position": item.position,
                "is_cover": item.album.chosen_cover_id == image.pk,
            }
            for item in image.album_items.all()
        ],
        "taken_at": image.taken_at and image.taken_at.isoformat(),
        "created_at": image.created_at.isoformat(),
        "camera": recorded_of(image),
    }


def recorded_of(image: Image) -> Line | None:
    """What the camera wrote, for other programs: here it is read from the file again."""
    facts = camera_facts_of(image)
    return {name: getattr(facts, name) for name in RECORDED} if facts else None


def facts_of_album(album: Album) -> Line:
    return {**facts_of_any(album), "order": album.order}


def facts_of_smart_album(album: SmartAlbum) -> Line:
    return {**facts_of_any(album), "filters": portable(album.filters)}


def facts_of_any(album: Album | SmartAlbum) -> Line:
    return {
        "owner": album.owner.username,
        "title": album.title,
        "visibility": album.visibility,
        "shared_with": names_of(album.shared_with.all()),
        "created_at": album.created_at.isoformat(),
    }


def portable(filters: Line) -> Line:
    """Filters of the grid with an album by its title: elsewhere it has another number."""
    named = filters.get("album", "")
    numbered = [album for album in Album.objects.called(named) if str(album.pk) == named]
    return {**filters, "album": numbered[0].title} if numbered else filters


def names_of(people: Iterable[Any]) -> list[str]:
    return sorted(person.username for person in people)


def place_of(image: Image) -> str:
    """Where its file lies: by owner and month, under the name it came with."""
    date = image.taken_at or image.created_at
    suffix = Path(image.stored_name).suffix
    stem = safe(Path(image.file_name).stem) or "image"
    owner = safe(image.owner.username) or str(image.owner_id)
    return f"{ORIGINALS}/{owner}/{date:%Y}/{date:%m}/{image.pk}-{stem}{suffix}"


def safe(name: str) -> str:
    return UNSAFE.sub("_", name)[:MOST_CHARACTERS].strip()


def copy_original(image: Image, folder: Path, exported: Exported) -> bool:
    target = folder / place_of(image)
    try:
        if not (target.exists() and target.stat().st_size == image.byte_size):
            copy(image, target)
    except (OSError, ValueError) as error:
        exported.complaints.append(f"image {image.pk} ({image}): {error}")
        return False
    exported.images += 1
    exported.bytes += image.byte_size
    return True


def copy(image: Image, target: Path) -> None:
    """Write the file under its name once it is whole. Raises ValueError if its bytes changed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(part_name(str(target)))
    digest = hashlib.sha256()
    with image.file.open() as file, part.open("wb") as out:
        for chunk in file.chunks(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != image.sha256:
        part.unlink()
        raise ValueError(f"{image.stored_name} has other bytes than were uploaded")
    part.replace(target)


@contextmanager
def lines_in(path: Path) -> Iterator[IO[str]]:
    """A file that has its name only when it is complete."""
    part = Path(part_name(str(path)))
    with part.open("w", encoding="utf-8") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def write_line(file: IO[str], line: Line) -> None:
    file.write(json.dumps(line, ensure_ascii=False) + "\n")

"""Bringing an exported gallery back: the inverse of `gallery.exporting`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.utils.dateparse import parse_datetime

from gallery.exporting import ALBUMS, IMAGES, SMART_ALBUMS, Line
from gallery.imagefile import NoSpace, RejectedFile, sha256_of
from gallery.ingest import Labels, store_image
from gallery.models import Album, AlbumItem, Favourite, Image, SmartAlbum, User, Visibility
from gallery.models.images import MOST_STARS, AlbumOrder
from gallery.sources import Outcome, unreadable

Keys = dict[str, type]
# What every line has, and what each of an image's albums has.
ALBUM: Keys = {
    "owner": str,
    "title": str,
    "visibility": str,
    "shared_with": list,
    "created_at": str,
}
SMART_ALBUM: Keys = {**ALBUM, "filters": dict}
IMAGE: Keys = {
    **ALBUM,
    "file": str,
    "sha256": str,
    "description": str,
    "tags": list,
    "albums": list,
    "rating": int,
    "favourite_of": list,
}
HELD: Keys = {"owner": str, "title": str, "position": int}


class UnusableExport(Exception):
    """The folder can't be imported; the message says why and what to do."""


# Takes from a line what gallery knows nothing of.
Take = Callable[[Image, Line], object]


@dataclass(frozen=True)
class People:
    """Who is who here: by the same user name, or all images are one person's."""

    known: dict[str, User]
    owner: User | None = None

    def owner_of(self, line: Line) -> User:
        return self.owner or self.known[line["owner"]]

    def shared_with(self, line: Line) -> list[User]:
        """Those of them who are here, but for the one whose it is now."""
        named = [self.known[name] for name in line["shared_with"] if name in self.known]
        return [person for person in named if person != self.owner_of(line)]


def check(folder: Path) -> tuple[int, set[str]]:
    """How many images there are, and who is named. Raises UnusableExport."""
    names: set[str] = set()
    count = 0
    for line in lines(folder / ALBUMS, ALBUM):
        names |= {line["owner"], *line["shared_with"]}
    for line in smart_lines(folder):
        names |= {line["owner"], *line["shared_with"]}
    for line in lines(folder / IMAGES, IMAGE):
        file_of(folder, line)
        names |= {line["owner"], *line["shared_with"], *line["favourite_of"]}
        names |= {held["owner"] for held in line["albums"]}
        count += 1
    return count, names


def smart_lines(folder: Path) -> Iterator[Line]:
    """None in what was exported before there were smart albums."""
    path = folder / SMART_ALBUMS
    return lines(path, SMART_ALBUM) if path.exists() else iter(())


def lines(path: Path, keys: Keys) -> Iterator[Line]:
    try:
        with path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, 1):
                yield checked(text, keys, f"{path}, line {number}")
    except FileNotFoundError:
        raise UnusableExport(f"There is no {path}: is this what export_gallery wrote?") from None
    except UnicodeDecodeError as error:
        raise UnusableExport(f"{path} is no text: {error}.") from error


def checked(text: str, keys: Keys, where: str) -> Line:
    """The line, if it has what every such line has."""
    try:
        line: Line = json.loads(text)
        check_keys(line, keys)
        Visibility(line["visibility"])
        order_in(line)
        parsed(line["created_at"]), parsed(line.get("taken_at"))
        check_texts([*line["shared_with"], *line.get("tags", []), *line.get("favourite_of", [])])
        check_texts([*line.get("filters", {}).values()])
        for album in line.get("albums", []):
            check_keys(album, HELD)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableExport(f"{where} is damaged: {error}.") from error
    return line


def order_in(line: Line) -> AlbumOrder:
    """That of an album; what was exported before there were orders says none."""
    return AlbumOrder(line.get("order", AlbumOrder.HAND))


def check_keys(line: Line, keys: Keys) -> None:
    for key, kind in keys.items():
        if not isinstance(line[key], kind):
            raise TypeError(f"{key} is {line[key]!r}")


def check_texts(texts: list[Any]) -> None:
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text")


def parsed(date: str | None) -> datetime | None:
    found = parse_datetime(date) if date else None
    if date and (found is None or found.tzinfo is None):
        raise ValueError(f"{date!r} is no date with a time zone")
    return found


def file_of(folder: Path, line: Line) -> Path:
    """The image's file, which must lie in the folder. Raises UnusableExport."""
    path: Path = (folder / line["file"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UnusableExport(f"{IMAGES} names a file outside of {folder}: {line['file']!r}.")
    return path


def import_albums(folder: Path, people: People) -> None:
    for line in lines(folder / ALBUMS, ALBUM):
        album, is_new = Album.objects.get_or_create(
            owner=people.owner_of(line),
            title=line["title"],
            defaults={"visibility": line["visibility"], "order": order_in(line)},
        )
        if is_new:
            Album.objects.filter(pk=album.pk).update(created_at=parsed(line["created_at"]))
            album.shared_with.set(people.shared_with(line))


def import_smart_albums(folder: Path, people: People) -> None:
    for line in smart_lines(folder):
        defaults = {name: line[name] for name in ("visibility", "filters", "created_at")}
        album, is_new = SmartAlbum.objects.get_or_create(
            owner=people.owner_of(line), title=line["title"], defaults=defaults
        )
        if is_new:
            album.shared_with.set(people.shared_with(line))


def import_line(folder: Path, line: Line, people: People, take: Take) -> tuple[Outcome, str]:
    """Store the image of a line with all that is said of it; one that is there only gets labels.

    Returns what became of it, and the reason if it was rejected. Raises NoSpace.
    """
    owner = people.owner_of(line)
    path = file_of(folder, line)
    try:
        with path.open("rb") as handle:
            if sha256_of(handle) != line["sha256"]:
                return Outcome.REJECTED, "It has other bytes than were exported."
            name = str(line.get("file_name") or path.name)
            labels = Labels(line["title"], tags=line["tags"], visibility=line["visibility"])
            image, is_new = store_image(owner, File(handle, name=name), labels)
    except NoSpace:
        raise
    except RejectedFile as error:
        return Outcome.REJECTED, str(error)
    except OSError as error:
        return Outcome.REJECTED, unreadable(error)
    if is_new:
        tell_facts(image, line, people)
    put_into_albums(image, line, people)
    take(image, line)
    if is_new:
        return Outcome.IMPORTED, ""
    return (Outcome.RESTORED if image.was_restored else Outcome.KNOWN), ""


def tell_facts(image: Image, line: Line, people: People) -> None:
    dates = {name: parsed(line.get(name)) for name in ("taken_at", "created_at")}
    rating = max(0, min(line["rating"], MOST_STARS))
    said = {"description": line["description"], "rating": rating}
    Image.objects.filter(pk=image.pk).update(**said, **dates)
    image.shared_with.set(people.shared_with(line))
    likers = [people.known[name] for name in line["favourite_of"] if name in people.known]
    Favourite.objects.bulk_create(
        [Favourite(user=person, image=image) for person in likers], ignore_conflicts=True
    )


def put_into_albums(image: Image, line: Line, people: People) -> None:
    for named in line["albums"]:
        album, _ = Album.objects.get_or_create(owner=people.owner_of(named), title=named["title"])
        place = {"position": named["position"]}
        AlbumItem.objects.get_or_create(album=album, image=image, defaults=place)
        if named.get("is_cover"):
            Album.objects.filter(pk=album.pk, chosen_cover=None).update(chosen_cover=image)

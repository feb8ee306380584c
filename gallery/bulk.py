"""Changing many images at once: a function an action, each of which tells what was before.

Whoever asks has chosen `images` among those they may see. What they may not change is left as it
is, and counted. What was before is JSON, for the function of the same name in gallery.undoing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models.functions import Lower

from gallery.labels import own_tag
from gallery.models import Album, AlbumItem, BulkChange, Favourite, Image, Tag, User
from gallery.models.images import ImageQuerySet
from gallery.placing import GAP, end_of
from gallery.placing import move as put_there

CHUNK = 1000
Thing = TypeVar("Thing")
Labelling = Image.tags.through


@dataclass(frozen=True)
class Outcome:
    """How many images were changed and how many may not be, and what was before."""

    changed: int
    before: Any
    refused: int = 0


Action = Callable[[User, ImageQuerySet, dict[str, Any]], Outcome]


def change(
    person: User, action: str, images: ImageQuerySet, said: dict[str, Any]
) -> tuple[Outcome, BulkChange | None]:
    """Change all of `images` or none; with it comes what undoes it, if anything was changed."""
    with transaction.atomic():
        outcome = ACTIONS[action](person, images, said)
        if not outcome.changed:
            return outcome, None
        return outcome, BulkChange.objects.create(
            person=person, action=action, before=outcome.before
        )


def chunks(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    for start in range(0, len(things), CHUNK):
        yield things[start : start + CHUNK]


def keys(images: ImageQuerySet) -> list[int]:
    return list(images.values_list("pk", flat=True))


def own_among(person: User, images: ImageQuerySet) -> tuple[list[int], int]:
    """Those that the person may change, and how many others there are."""
    own = keys(images.filter(pk__in=Image.objects.editable_by(person).order_by()))
    return own, images.count() - len(own)


def jsonable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def set_column(person: User, images: ImageQuerySet, name: str, value: Any) -> Outcome:
    """Set a column of the images themselves."""
    own, refused = own_among(person, images)
    before: dict[Any, list[int]] = defaultdict(list)
    for chunk in chunks(own):
        for pk, old in write(chunk, name, value):
            before[jsonable(old)].append(pk)
    kept = {"value": jsonable(value), "images": list(before.items())}
    return Outcome(sum(map(len, before.values())), kept, refused)


def write(images: Sequence[int], name: str, value: Any) -> list[tuple[int, Any]]:
    """Set that column where it is another; those that were changed, with what was there."""
    rows = Image.objects.filter(pk__in=images).exclude(**{name: value})
    changed = list(rows.select_for_update().values_list("pk", name))
    Image.objects.filter(pk__in=[pk for pk, _ in changed]).update(**{name: value})
    return changed


def set_visibility(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    return set_column(person, images, "visibility", said["visibility"])


def set_date(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    return set_column(person, images, "taken_at", said["taken_at"])


def rate(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    return set_column(person, images, "rating", said["rating"])


def tag(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    """Put tags on the images, each its owner's own."""
    own, refused = own_among(person, images)
    added: dict[int, list[int]] = defaultdict(list)
    for chunk in chunks(own):
        for label, pks in put_tags(chunk, said["tags"]):
            added[label] += pks
    return Outcome(len(set().union(*added.values())), list(added.items()), refused)


def put_tags(images: Iterable[int], names: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
    """Put tags of these names on the images; each tag with those that did not have it."""
    for owner, pks in by_owner(images).items():
        for name in names:
            label = own_tag(owner, name)
            yield label.pk, put_on(label, pks)


def by_owner(images: Iterable[int]) -> dict[User, list[int]]:
    found: dict[User, list[int]] = defaultdict(list)
    for image in Image.objects.filter(pk__in=images).select_related("owner").only("owner"):
        found[image.owner].append(image.pk)
    return found


def put_on(label: Tag, images: Sequence[int]) -> list[int]:
    """Those of `images` that did not have the tag."""
    have = set(
        Labelling.objects.filter(tag=label, image__in=images).values_list("image_id", flat=True)
    )
    missing = [pk for pk in images if pk not in have]
    rows = [Labelling(tag_id=label.pk, image_id=pk) for pk in missing]
    Labelling.objects.bulk_create(rows, ignore_conflicts=True)
    return missing


def untag(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    """Take tags of these names off the images, whoever wrote them."""
    own, refused = own_among(person, images)
    names = [name.lower() for name in said["tags"]]
    labels = Tag.objects.alias(lower=Lower("name")).filter(lower__in=names)
    removed: dict[int, list[int]] = defaultdict(list)
    for chunk in chunks(own):
        rows = Labelling.objects.filter(image__in=chunk, tag__in=labels.order_by())
        for label, image in rows.values_list("tag_id", "image_id"):
            removed[label].append(image)
        rows.delete()
    return Outcome(len(set().union(*removed.values())), list(removed.items()), refused)


def add_to_album(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    """Put the images behind the others of the person's album, which is made where it is missing."""
    album, _ = Album.objects.get_or_create(owner=person, title=said["album"])
    added: list[int] = []
    for chunk in chunks(keys(images)):
        added += put_into(album, chunk)
    return Outcome(len(added), {"album": album.pk, "images": added})


def put_into(album: Album, images: Sequence[int]) -> list[int]:
    """Put them behind the others, in their order; those that it did not hold."""
    end = end_of(album)
    held = set(album.items.filter(image__in=images).values_list("image_id", flat=True))
    new = [pk for pk in images if pk not in held]
    rows = [
        AlbumItem(album=album, image_id=pk, position=end + at * GAP) for at, pk in enumerate(new)
    ]
    AlbumItem.objects.bulk_create(rows, ignore_conflicts=True)
    return new


def remove_from_album(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    items = AlbumItem.objects.filter(album__owner=person, album__title=said["album"])
    removed: list[tuple[int, int, int]] = []
    for chunk in chunks(keys(images)):
        rows = items.filter(image__in=chunk).order_by()
        removed += rows.values_list("album_id", "image_id", "position")
        rows.delete()
    return Outcome(len(removed), removed)


def move(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    """Put images of an album of the person's at another spot of it."""
    had = put_there(said["album"], keys(images), said["spot"])
    return Outcome(len(had), {"album": said["album"].pk, "places": had})


def like(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    new = keys(images.exclude(pk__in=Image.objects.favourites_of(person).order_by()))
    for chunk in chunks(new):
        rows = [Favourite(user=person, image_id=pk) for pk in chunk]
        Favourite.objects.bulk_create(rows, ignore_conflicts=True)
    return Outcome(len(new), new)


def unlike(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    liked = keys(images.favourites_of(person))
    for chunk in chunks(liked):
        Favourite.objects.filter(user=person, image__in=chunk).delete()
    return Outcome(len(liked), liked)


def trash(person: User, images: ImageQuerySet, said: dict[str, Any]) -> Outcome:
    own, refused = own_among(person, images)
    for chunk in chunks(own):
        Image.objects.filter(pk__in=chunk).trash()
    return Outcome(len(own), own, refused)


ACTIONS: dict[str, Action] = {
    "tag": tag,
    "untag": untag,
    "add_to_album": add_to_album,
    "remove_from_album": remove_from_album,
    "move": move,
    "like": like,
    "unlike": unlike,
    "set_visibility": set_visibility,
    "set_date": set_date,
    "rate": rate,
    "trash": trash,
}

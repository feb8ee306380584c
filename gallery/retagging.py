"""Renaming a person's own tag, merging it into another, deleting it; those below it go along.

Each can be undone for a day, as what gallery.bulk does.
"""

from typing import Any

from django.db import transaction
from django.db.models.functions import Length

from gallery.bulk import Labelling, chunks, put_on
from gallery.labels import own_tag
from gallery.models import BulkChange, Image, SmartAlbum, Tag, User
from gallery.models.images import TagQuerySet


def own_under(person: User, name: str) -> TagQuerySet:
    """The person's tag of that name and those below it, what is above before what is below."""
    return Tag.objects.filter(owner=person).under(name).order_by(Length("name"), "pk")


def moved_name(tag: str, name: str, new: str) -> str:
    """What a tag at or below `name` is called when that is called `new`."""
    return new + tag[len(name) :]


def taken(person: User, name: str, new: str) -> list[str]:
    """The person's other tags that have a name which one of the moved would get."""
    moved = own_under(person, name)
    names = {moved_name(tag.name, name, new).lower() for tag in moved}
    others = own_under(person, new).exclude(pk__in=moved.values("pk").order_by())
    return [tag.name for tag in others if tag.name.lower() in names]


@transaction.atomic
def move(person: User, name: str, new: str) -> BulkChange:
    """Call the tag `new`; where that is another tag, its images get that one instead."""
    before: dict[str, Any] = {"renamed": [], "merged": []}
    for tag in own_under(person, name).select_for_update():
        called = moved_name(tag.name, name, new)
        other = Tag.objects.filter(owner=person, name__iexact=called).exclude(pk=tag.pk).first()
        if other:
            before["merged"].append(merge(tag, other))
        else:
            before["renamed"].append([tag.pk, tag.name, called])
            Tag.objects.filter(pk=tag.pk).update(name=called)
    before["smart"] = move_in_filters(person, name, new)
    return BulkChange.objects.create(person=person, action="move_tag", before=before)


def merge(tag: Tag, other: Tag) -> dict[str, Any]:
    """Give all images of the tag the other one, and tell what that takes back."""
    images = list(Labelling.objects.filter(tag=tag).values_list("image_id", flat=True))
    added = [pk for chunk in chunks(images) for pk in put_on(other, chunk)]
    tag.delete()
    return {"name": tag.name, "into": other.pk, "images": images, "added": added}


def move_in_filters(person: User, name: str, new: str) -> list[tuple[int, str]]:
    """What the person's smart albums ask for by that name they ask for by the new one."""
    changed: list[tuple[int, str]] = []
    for album in SmartAlbum.objects.filter(owner=person, filters__has_key="tag"):
        tag = album.filters["tag"]
        if f"{tag}/".lower().startswith(f"{name}/".lower()):
            changed.append((album.pk, tag))
            album.filters["tag"] = moved_name(tag, name, new)
            album.save(update_fields=["filters"])
    return changed


@transaction.atomic
def delete(person: User, name: str) -> BulkChange:
    """Delete the tag and those below it; the images stay."""
    tags = own_under(person, name)
    before = [
        [tag.name, list(Labelling.objects.filter(tag=tag).values_list("image_id", flat=True))]
        for tag in tags
    ]
    tags.delete()
    return BulkChange.objects.create(person=person, action="delete_tag", before=before)


def undo_move(person: User, before: Any) -> None:
    """In the other direction: what was below is put back before what is above."""
    for pk, name, called in reversed(before["renamed"]):
        if not Tag.objects.filter(owner=person, name__iexact=name).exclude(pk=pk).exists():
            Tag.objects.filter(pk=pk, owner=person, name=called).update(name=name)
    for merged in before["merged"]:
        put_back(person, merged["name"], merged["images"])
        for chunk in chunks(merged["added"]):
            Labelling.objects.filter(tag=merged["into"], image__in=chunk).delete()
    for pk, tag in before["smart"]:
        for album in SmartAlbum.objects.filter(pk=pk, owner=person):
            album.filters["tag"] = tag
            album.save(update_fields=["filters"])


def undo_delete(person: User, before: Any) -> None:
    for name, images in before:
        put_back(person, name, images)


def put_back(person: User, name: str, images: list[int]) -> None:
    """The person's tag of that name, on those of the images that are still there."""
    tag = own_tag(person, name)
    for chunk in chunks(images):
        there = Image.objects.filter(pk__in=chunk, owner=person)
        put_on(tag, list(there.values_list("pk", flat=True)))

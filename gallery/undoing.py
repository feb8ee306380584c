"""Undoing what gallery.bulk did. What changed again since then, or is gone, stays as it is."""

from collections.abc import Callable
from typing import Any

from django.db import transaction

from gallery.bulk import Labelling, chunks
from gallery.models import Album, AlbumItem, BulkChange, Favourite, Image, SmartAlbum, Tag, User
from gallery.placing import give
from gallery.retagging import undo_delete, undo_move


def undo(change: BulkChange) -> bool:
    """Undo a change, once; False where somebody was faster."""
    with transaction.atomic():
        if not BulkChange.objects.filter(pk=change.pk).delete()[0]:
            return False
        UNDO[change.action](change.person, change.before)
        return True


def set_column_back(name: str) -> Callable[[User, Any], None]:
    def undo_column(person: User, before: Any) -> None:
        own = Image.objects.editable_by(person).filter(**{name: before["value"]})
        for old, images in before["images"]:
            for chunk in chunks(images):
                own.filter(pk__in=chunk).update(**{name: old})

    return undo_column


def own_labellings(person: User, label: int, images: Any) -> list[Any]:
    """What joins the tag to those of `images` that the person may still change."""
    if not Tag.objects.filter(pk=label).exists():
        return []
    own = Image.objects.editable_by(person).filter(pk__in=images)
    return [Labelling(tag_id=label, image_id=pk) for pk in own.values_list("pk", flat=True)]


def tag(person: User, before: Any) -> None:
    own = Image.objects.editable_by(person)
    for label, images in before:
        for chunk in chunks(images):
            Labelling.objects.filter(tag=label, image__in=own.filter(pk__in=chunk)).delete()


def untag(person: User, before: Any) -> None:
    for label, images in before:
        for chunk in chunks(images):
            rows = own_labellings(person, label, chunk)
            Labelling.objects.bulk_create(rows, ignore_conflicts=True)


def add_to_album(person: User, before: Any) -> None:
    items = AlbumItem.objects.filter(album=before["album"], album__owner=person)
    for chunk in chunks(before["images"]):
        items.filter(image__in=chunk).delete()


def remove_from_album(person: User, before: Any) -> None:
    albums = set(Album.objects.filter(owner=person).values_list("pk", flat=True))
    for chunk in chunks(before):
        there = Image.objects.in_bulk([image for _, image, _ in chunk])
        rows = [
            AlbumItem(album_id=album, image_id=image, position=position)
            for album, image, position in chunk
            if album in albums and image in there
        ]
        AlbumItem.objects.bulk_create(rows, ignore_conflicts=True)


def move(person: User, before: Any) -> None:
    for album in Album.objects.filter(pk=before["album"], owner=person):
        give(album, dict(before["places"]))


def delete_smart_album(person: User, before: Any) -> None:
    """It comes back, unless another one has its title by now."""
    people = before.pop("shared_with")
    title = before.pop("title")
    album, is_new = SmartAlbum.objects.get_or_create(owner=person, title=title, defaults=before)
    if is_new:
        album.shared_with.set(User.objects.filter(pk__in=people))


def like(person: User, before: Any) -> None:
    for chunk in chunks(before):
        Favourite.objects.filter(user=person, image__in=chunk).delete()


def unlike(person: User, before: Any) -> None:
    for chunk in chunks(before):
        there = Image.objects.filter(pk__in=chunk).values_list("pk", flat=True)
        rows = [Favourite(user=person, image_id=pk) for pk in there]
        Favourite.objects.bulk_create(rows, ignore_conflicts=True)


def trash(person: User, before: Any) -> None:
    for chunk in chunks(before):
        Image.objects.in_trash_of(person).filter(pk__in=chunk).restore()


UNDO: dict[str, Callable[[User, Any], None]] = {
    "tag": tag,
    "untag": untag,
    "add_to_album": add_to_album,
    "remove_from_album": remove_from_album,
    "move": move,
    "delete_smart_album": delete_smart_album,
    "move_tag": undo_move,
    "delete_tag": undo_delete,
    "like": like,
    "unlike": unlike,
    "set_visibility": set_column_back("visibility"),
    "set_date": set_column_back("taken_at"),
    "rate": set_column_back("rating"),
    "trash": trash,
}

"""What can be done with thousands of images, each action with those who may.

Rights were looked at before: whoever may change images in the admin may change every one.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import DELETION
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gallery.bell import ring_on_commit
from gallery.bulk import Labelling, put_into, put_on, put_tags, write
from gallery.jobs import Done, JobAction
from gallery.labels import own_tag
from gallery.models import Album, AlbumItem, Image, Rendering, ShareLink, User
from gallery.tasks import render_pending

CHANGE, DELETE = "gallery.change_image", "gallery.delete_image"


def render_again(images: list[int], said: dict[str, Any]) -> Done:
    renderings = Rendering.objects.filter(image__in=images)
    changed = list(renderings.values_list("image_id", flat=True))
    renderings.retry()
    ring_on_commit(render_pending)
    return Done(changed)


def set_visibility(images: list[int], said: dict[str, Any]) -> Done:
    return Done([pk for pk, _ in write(images, "visibility", said["visibility"])])


def add_tags(images: list[int], said: dict[str, Any]) -> Done:
    """Tags of these names, each its owner's own."""
    return Done(sorted({pk for _, pks in put_tags(images, said["tags"]) for pk in pks}))


def add_to_album(images: list[int], said: dict[str, Any]) -> Done:
    """Only what the album's owner may see: an album gives nobody a way into others' galleries."""
    locked = Album.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    album = locked.filter(pk=said["album"]).first()
    if album is None:
        return Done([], {_("The album is gone."): len(images)})
    visible = Image.objects.visible_to(album.owner).filter(pk__in=images)
    seen = set(visible.values_list("pk", flat=True))
    reason = _("The album’s owner can’t see it: it is hidden from them, or in the trash.")
    added = put_into(album, [pk for pk in images if pk in seen])
    return Done(added, {reason: len(images) - len(seen)})


def hand_over(images: list[int], said: dict[str, Any]) -> Done:
    """Make them another person's, with tags and albums of the same names that are that person's."""
    owner = User.objects.filter(pk=said["owner"], is_active=True).first()
    if owner is None:
        return Done([], {_("The new owner is gone."): len(images)})
    others = Image.objects.filter(pk__in=images).exclude(owner=owner)
    digests = dict(others.order_by("pk").values_list("pk", "sha256"))
    held = Image.objects.filter(owner=owner, sha256__in=digests.values())
    taken = set(held.values_list("sha256", flat=True))
    moved: list[int] = []
    for pk, digest in digests.items():
        if digest not in taken:
            taken.add(digest)
            moved.append(pk)
    move(moved, owner)
    reason = _("The new owner has the same file already.")
    return Done(moved, {reason: len(digests) - len(moved)})


def move(images: Sequence[int], owner: User) -> None:
    take_tags_along(images, owner)
    take_albums_along(images, owner)
    # Who had it shared it; whether it stays so is for who has it now.
    ShareLink.objects.filter(image__in=images, owner=F("image__owner")).delete()
    Image.shared_with.through.objects.filter(image__in=images, user=owner).delete()
    Image.objects.filter(pk__in=images).update(owner=owner)


def take_tags_along(images: Sequence[int], owner: User) -> None:
    labelled: dict[str, list[int]] = defaultdict(list)
    rows = Labelling.objects.filter(image__in=images)
    for name, pk in rows.values_list("tag__name", "image_id"):
        labelled[name].append(pk)
    rows.delete()
    for name, pks in labelled.items():
        put_on(own_tag(owner, name), pks)


def take_albums_along(images: Sequence[int], owner: User) -> None:
    """Out of the albums of who had them; those of third people hold what they may see.

    None gets into an album that others are let into: its name alone is no wish to show it to them.
    """
    gathered: dict[str, list[int]] = defaultdict(list)
    items = AlbumItem.objects.filter(image__in=images, album__owner=F("image__owner"))
    rows = list(
        items.order_by("album", "position", "pk").values_list("pk", "album__title", "image")
    )
    for _pk, title, image in rows:
        gathered[title].append(image)
    AlbumItem.objects.filter(pk__in=[pk for pk, _title, _image in rows]).delete()
    for title, pks in gathered.items():
        album, _is_new = Album.objects.get_or_create(owner=owner, title=title)
        if not (album.shared_with.exists() or album.share_links.exists()):
            put_into(album, pks)


def trash(images: list[int], said: dict[str, Any]) -> Done:
    kept = Image.objects.filter(pk__in=images).kept()
    changed = list(kept.values_list("pk", flat=True))
    kept.trash()
    return Done(changed)


def restore(images: list[int], said: dict[str, Any]) -> Done:
    trashed = Image.objects.filter(pk__in=images).trashed()
    changed = list(trashed.values_list("pk", flat=True))
    trashed.restore()
    return Done(changed)


def delete(images: list[int], said: dict[str, Any]) -> Done:
    """For good, with their files."""
    Image.objects.filter(pk__in=images).delete()
    return Done(images)


ACTIONS = {
    "render_again": JobAction(
        gettext_lazy("Make thumbnails and previews again"), (CHANGE,), render_again
    ),
    "set_visibility": JobAction(gettext_lazy("Change who may see them"), (CHANGE,), set_visibility),
    "hand_over": JobAction(
        gettext_lazy("Hand over to another owner"), (CHANGE, "gallery.view_user"), hand_over
    ),
    "add_to_album": JobAction(
        gettext_lazy("Add to an album"),
        ("gallery.view_image", "gallery.change_album"),
        add_to_album,
    ),
    "add_tags": JobAction(gettext_lazy("Add tags"), (CHANGE,), add_tags),
    "trash": JobAction(gettext_lazy("Put into the trash"), (DELETE,), trash),
    "restore": JobAction(gettext_lazy("Restore from the trash"), (DELETE,), restore),
    "delete": JobAction(gettext_lazy("Delete for good"), (DELETE,), delete, DELETION),
}

"""Where images stand in an album that is ordered by hand.

Positions are whole numbers with room between them, so that a move writes the rows that move and no
others; where the room is used up, the album is numbered anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Max, Q

from gallery.models import Album, AlbumItem, Image
from gallery.models.images import Person

# A place can be halved twenty times, and stays a number that JSON has.
GAP = 2**20
AT_ONCE = 5000


class GoneNeighbour(ValueError):
    """The image beside which others were to be put is in the album no more."""


@dataclass(frozen=True)
class Spot:
    """Before one image of the album, behind one, or at the end."""

    before: int | None = None
    behind: int | None = None


def end_of(album: Album) -> int:
    """The position behind all others."""
    last: int | None = album.items.aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + GAP


@transaction.atomic
def move(album: Album, images: Sequence[int], spot: Spot) -> list[tuple[int, int]]:
    """Put these of the album's images there together, as they follow each other now.

    Returns each with the position it had. Raises GoneNeighbour.
    """
    # Two who move at once wait for each other.
    Album.objects.select_for_update(no_key=True).get(pk=album.pk)
    items = album.items.filter(image__in=images)
    moving = list(items.values_list("image", flat=True))
    if (positions := spread(*room(album, images, spot), len(moving))) is None:
        number_anew(album)
        positions = spread(*room(album, images, spot), len(moving)) or []
    had = list(items.values_list("image", "position"))
    give(album, dict(zip(moving, positions, strict=True)))
    return had


def room(album: Album, images: Sequence[int], spot: Spot) -> tuple[int | None, int | None]:
    """The positions between which there is room at the spot; None where nothing bounds it."""
    staying = album.items.exclude(image__in=images)
    neighbour = spot.before or spot.behind
    if neighbour is None:
        last = staying.last()
        return last.position if last else None, None
    here = staying.filter(image=neighbour).first()
    if here is None:
        raise GoneNeighbour
    if spot.before:
        preceding = staying.filter(precedes(here)).last()
        return preceding.position if preceding else None, here.position
    following = staying.filter(follows(here)).first()
    return here.position, following.position if following else None


def precedes(item: AlbumItem) -> Q:
    return Q(position__lt=item.position) | Q(position=item.position, image__lt=item.image_id)


def follows(item: AlbumItem) -> Q:
    return Q(position__gt=item.position) | Q(position=item.position, image__gt=item.image_id)


def spread(low: int | None, high: int | None, count: int) -> list[int] | None:
    """`count` positions between two others, as far apart as can be; None without room for them."""
    if low is None:
        first = (high or 0) - count * GAP
        return [first + at * GAP for at in range(count)]
    if high is None:
        return [low + (at + 1) * GAP for at in range(count)]
    step = (high - low) // (count + 1)
    return [low + (at + 1) * step for at in range(count)] if step else None


def number_anew(album: Album) -> None:
    images = album.items.values_list("image", flat=True)
    give(album, {pk: at * GAP for at, pk in enumerate(images)})


def give(album: Album, positions: Mapping[int, int]) -> None:
    """Give images of the album their positions; those that left it meanwhile stay away."""
    held = album.items.filter(image__in=positions).order_by().select_for_update(no_key=True)
    rows = [
        AlbumItem(album=album, image_id=pk, position=positions[pk])
        for pk in held.values_list("image", flat=True)
    ]
    # Six times as fast as bulk_update() where many rows are written.
    AlbumItem.objects.bulk_create(
        rows,
        batch_size=AT_ONCE,
        update_conflicts=True,
        unique_fields=["album", "image"],
        update_fields=["position"],
    )


def spot_at(album: Album, images: Sequence[int], place: int, person: Person) -> Spot:
    """The spot that makes the first of `images` the one at that place, the first being 1."""
    seen = album.items.filter(image__in=Image.objects.visible_to(person))
    there = seen.exclude(image__in=images)[max(0, place - 1) :][:1]
    return Spot(before=there[0].image_id) if there else Spot()


def place_of(album: Album, image: int, person: Person) -> tuple[int, int]:
    """Where it stands among those that a person sees in the album, and how many these are."""
    seen = album.items.filter(image__in=Image.objects.visible_to(person)).order_by()
    item = album.items.get(image=image)
    counted = seen.aggregate(preceding=Count("pk", filter=precedes(item)), all=Count("pk"))
    return counted["preceding"] + 1, counted["all"]

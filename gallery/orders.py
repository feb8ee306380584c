"""The orders of the grid, and its pages by places: what is behind a picture stays behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gallery.models import Album, Image
from gallery.models.images import AlbumOrder, ImageQuerySet

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_DIGITS = 19

Place = list[Any]


class NoPlace(ValueError):
    """The text is no place in this order."""


def number_in(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or len(text) > MOST_DIGITS:
        raise NoPlace(text)
    return int(text)


def moment_in(text: str) -> datetime:
    try:
        return EPOCH + number_in(text) * MICROSECOND
    except OverflowError:
        raise NoPlace(text) from None


def words_in(text: str) -> str:
    if "\0" in text:
        raise NoPlace(text)
    return text


PARSERS: dict[str, Callable[[str], Any]] = {
    "pk": number_in,
    "relevance": number_in,
    "byte_size": number_in,
    "position": number_in,
    "dated_at": moment_in,
    "created_at": moment_in,
    "lower_title": words_in,
}


def written(value: Any) -> str:
    return str((value - EPOCH) // MICROSECOND if isinstance(value, datetime) else value)


@dataclass(frozen=True)
class Order:
    """Images by some columns, the last of which is unique, all of them descending or none."""

    label: str | Promise
    columns: tuple[str, ...]
    descending: bool = True

    @property
    def is_of_its_list(self) -> bool:
        """Whether it sorts by what only its list says of an image: a search, or an album."""
        return self.columns[0] in {"relevance", "position"}

    @property
    def date(self) -> str | None:
        """The column with the date by which it sorts before all else."""
        return self.columns[0] if self.columns[0] in {"dated_at", "created_at"} else None

    def sort(self, images: ImageQuerySet, *, backwards: bool = False) -> ImageQuerySet:
        if "lower_title" in self.columns:
            images = images.annotate(lower_title=Lower("title"))
        falls = self.descending != backwards
        return images.order_by(*(F(name).desc() if falls else F(name) for name in self.columns))

    def behind(
        self, images: ImageQuerySet, place: Place, *, backwards: bool = False, at: bool = False
    ) -> ImageQuerySet:
        """Those sorted images that follow the place (or precede it), with `at` its own too."""
        sign = "lt" if self.descending != backwards else "gt"
        follows = Q(**dict(zip(self.columns, place, strict=False))) if at else Q(pk__in=[])
        for name, value in reversed(list(zip(self.columns, place, strict=False))):
            follows = Q(**{f"{name}__{sign}": value}) | Q(**{name: value}) & follows
        # Says no more, but in a way that an index is read from there on.
        return images.filter(follows, **{f"{self.columns[0]}__{sign}e": place[0]})

    def place_of(self, image: Image) -> str:
        return "_".join(written(getattr(image, name)) for name in self.columns)

    def parse(self, text: str) -> Place:
        """The place that stands in an address; raises NoPlace."""
        # A title may have anything in it, so it is what is left.
        texts = text.rsplit("_", len(self.columns) - 1)
        if len(texts) != len(self.columns):
            raise NoPlace(text)
        return [PARSERS[name](part) for name, part in zip(self.columns, texts, strict=True)]


RELEVANT = "relevant"
NEWEST = "newest"
BY_HAND = AlbumOrder.HAND.value
# Those that any list of images can have.
SORTS: dict[str, Order] = {
    NEWEST: Order(_("newest first"), ("dated_at", "pk")),
    "oldest": Order(_("oldest first"), ("dated_at", "pk"), descending=False),
    "uploaded": Order(_("uploaded last first"), ("created_at", "pk")),
    "title": Order(_("by title"), ("lower_title", "pk"), descending=False),
    "largest": Order(_("largest first"), ("byte_size", "pk")),
}
ORDERS: dict[str, Order] = {
    **SORTS,
    RELEVANT: Order(_("best match first"), ("relevance", "dated_at", "pk")),
    # Of images that are placed_in() an album.
    BY_HAND: Order(_("by hand"), ("position", "pk"), descending=False),
}


def sorted_in(album: Album, images: ImageQuerySet) -> ImageQuerySet:
    """Those of `images` that the album holds, in its order."""
    return ORDERS[album.order].sort(images.placed_in(album))


@dataclass(frozen=True)
class Page:
    """A part of a list, and whether something precedes and follows it."""

    images: Sequence[Image]
    precedes: bool
    follows: bool


def first_page(order: Order, images: ImageQuerySet, size: int) -> Page:
    found = list(order.sort(images)[: size + 1])
    return Page(found[:size], precedes=False, follows=len(found) > size)


def page_behind(
    order: Order, images: ImageQuerySet, place: Place, size: int, *, at: bool = False
) -> Page:
    sorted_images = order.sort(images)
    found = list(order.behind(sorted_images, place, at=at)[: size + 1])
    precedes = order.behind(sorted_images, place, backwards=True, at=not at).exists()
    return Page(found[:size], precedes=precedes, follows=len(found) > size)


def page_before(order: Order, images: ImageQuerySet, place: Place, size: int) -> Page:
    backwards = order.behind(order.sort(images, backwards=True), place, backwards=True)
    found = list(backwards[: size + 1])
    return Page(found[:size][::-1], precedes=len(found) > size, follows=True)

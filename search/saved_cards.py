"""How saved searches look in a list: in a handful of queries, however many there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gallery.forms import Chip
from gallery.models import Album, Image, User
from search.models import SavedSearch
from search.overlays import Shown
from search.places import MOST_DIGITS
from search.questions import LISTS, ExamplesForm
from search.shown import image_as_shown, sent_as_shown

MOST_COVERS = 4
GONE = gettext_lazy("what it asks with is gone")


class ListedForm(ExamplesForm):
    """Filters as chips, with the titles of albums that were fetched before."""

    def __init__(self, *args: Any, albums: dict[int, Album], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.albums = albums

    def album_shown(self) -> Album | None:
        return self.albums.get(number_in(self.data["album"]))


@dataclass(frozen=True)
class Card:
    """A saved search, with what its owner may see of it now."""

    saved: SavedSearch
    # Images it asks with, the liked ones first; of an album its cover.
    covers: list[Image]
    # The part of a picture that it asks with, if it is only a part.
    part: Shown | None
    album: Album | None
    chips: list[Chip]
    new_count: int

    @property
    def asks(self) -> str:
        """What it asks with, in a few words."""
        saved = self.saved
        if saved.file_name:
            return _("a part of your picture") if saved.crop else _("your picture")
        if saved.question:
            return self.of_image(saved.image_id, _("a part of “%(image)s”"))
        if saved.asked.get("for_album"):
            return _("the album “%(album)s”") % {"album": self.album} if self.album else str(GONE)
        if len(saved.examples) == 1:
            return self.of_image(saved.examples[0], _("like “%(image)s”"))
        counts = {name: len(saved.listed(name)) for name in LISTS}
        return _("%(positive)s liked, %(negative)s disliked") % counts

    def of_image(self, pk: int | None, text: str) -> str:
        titles = {image.pk: str(image) for image in self.covers}
        return text % {"image": titles[pk]} if pk in titles else str(GONE)


def cards(user: User, searches: Iterable[SavedSearch]) -> Iterator[Card]:
    searches = list(searches)
    albums = albums_of(user, searches)
    images = images_of(user, searches, albums)
    news = {pk for saved in searches for pk in saved.news}
    seen = set(Image.objects.visible_to(user).filter(pk__in=news).values_list("pk", flat=True))
    for saved in searches:
        album = albums.get(number_in(saved.asked.get("for_album", "")))
        asked_with = [saved.image_id, *saved.examples, getattr(album, "cover", None)]
        form = ListedForm(saved.asked, user=user, albums=albums)
        yield Card(
            saved,
            covers=[images[pk] for pk in asked_with if pk in images][:MOST_COVERS],
            part=part_of(saved, images),
            album=album,
            chips=list(form.chips()),
            new_count=len(seen.intersection(saved.news)),
        )


def part_of(saved: SavedSearch, images: dict[int, Image]) -> Shown | None:
    """The part as it can be shown now; without its picture there is none."""
    if not saved.crop:
        return None
    if saved.file_name:
        source = reverse("search:saved_picture", args=[saved.pk])
        try:
            return sent_as_shown(saved.file_name, source, saved.crop)
        except Http404:
            return None
    image = images.get(saved.image_id or 0)
    return image_as_shown(image, saved.crop) if image and image.rendering.is_ready else None


def number_in(text: str) -> int:
    """The primary key that a field's text is, or 0, which is nobody's."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0


def albums_of(user: User, searches: list[SavedSearch]) -> dict[int, Album]:
    """The albums that are asked for or filtered by, as far as the person may see them."""
    named = (saved.asked.get(name, "") for saved in searches for name in ("for_album", "album"))
    return Album.objects.visible_to(user).for_cards(user).in_bulk({*map(number_in, named)})


def images_of(
    user: User, searches: list[SavedSearch], albums: dict[int, Album]
) -> dict[int, Image]:
    """The images that are asked with, as far as the person may see them."""
    pks = {pk for saved in searches for pk in [saved.image_id, *saved.examples]}
    pks |= {getattr(album, "cover", None) for album in albums.values()}
    return Image.objects.visible_to(user).for_tiles().in_bulk(pks - {None})

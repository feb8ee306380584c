"""What a search may go on to while it is typed: tags, albums and titles that a person may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gallery.models import Album, Image, Tag
from gallery.models.images import Person, words_in
from gallery.orders import ORDERS, RELEVANT

MOST_OF_A_KIND = 4
# Looked at for titles, of which many may be the same.
MOST_IMAGES = 40


@dataclass(frozen=True)
class Suggestion:
    kind: str | Promise
    text: str
    address: str
    # Of images that this person may see; None where it was not counted.
    count: int | None = None


def suggestions_for(user: Person, text: str) -> Iterator[Suggestion]:
    """Those for which some word begins with the text, by three queries."""
    if not (said := text.strip()) or not words_in(said):
        return
    begins = rf"(^|[^[:alnum:]]){''.join(escaped(c) for c in said)}"
    tags = Tag.objects.filter(name__iregex=begins).names_with_counts(user)
    for tag in tags.order_by("-count", "word")[:MOST_OF_A_KIND]:
        yield Suggestion(_("Tag"), tag["name"], address(tag=tag["name"]), tag["count"])
    for album in Album.objects.visible_to(user).filter(title__iregex=begins)[:MOST_OF_A_KIND]:
        yield Suggestion(_("Album"), album.title, address(album=album.pk))
    for title in titles(user, said):
        yield Suggestion(_("Title"), title, address(q=title))


def escaped(character: str) -> str:
    """For a regular expression of PostgreSQL."""
    return character if character.isalnum() or character.isspace() else f"\\{character}"


def address(**query: str | int) -> str:
    return f"?{urlencode(query)}"


def titles(user: Person, text: str) -> list[str]:
    images = ORDERS[RELEVANT].sort(Image.objects.visible_to(user).saying(text))
    found = images.values_list("title", flat=True)[:MOST_IMAGES]
    return list(dict.fromkeys(title for title in found if title))[:MOST_OF_A_KIND]

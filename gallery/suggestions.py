"""What a search may go on to while it is typed: tags, albums and titles that a person may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gallery.labels import clean_names
from gallery.models import Album, Image, Tag
from gallery.models.images import Person, words_in
from gallery.orders import ORDERS, RELEVANT

MOST_OF_A_KIND = 4
MOST_COMPLETIONS = 8
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
    begins = beginning(said)
    for tag in tags_for(user, said)[:MOST_OF_A_KIND]:
        yield Suggestion(_("Tag"), tag["name"], address(tag=tag["name"]), tag["count"])
    for album in Album.objects.visible_to(user).filter(title__iregex=begins)[:MOST_OF_A_KIND]:
        yield Suggestion(_("Album"), album.title, address(album=album.pk))
    for title in titles(user, said):
        yield Suggestion(_("Title"), title, address(q=title))


def tags_for(user: Person, text: str) -> "models.QuerySet[Any, Any]":
    """As `names_with_counts()`, where some word begins with the text; the most used first."""
    tags = Tag.objects.filter(name__iregex=beginning(text)).names_with_counts(user)
    return tags.order_by("-count", "word")


def completions(user: Person, text: str, others: Iterable[str]) -> "models.QuerySet[Any, Any]":
    """What a tag that is being typed may become, beside those that are there already."""
    if not words_in(said := text.strip()):
        return Tag.objects.none()
    known = [name.lower() for name in clean_names(others)]
    return tags_for(user, said).exclude(word__in=known)[:MOST_COMPLETIONS]


def beginning(text: str) -> str:
    """A regular expression for what has a word that begins with the text."""
    return rf"(^|[^[:alnum:]]){''.join(map(escaped, text))}"


def escaped(character: str) -> str:
    """For a regular expression of PostgreSQL."""
    return character if character.isalnum() or character.isspace() else f"\\{character}"


def address(**query: str | int) -> str:
    return f"?{urlencode(query)}"


def titles(user: Person, text: str) -> list[str]:
    images = ORDERS[RELEVANT].sort(Image.objects.visible_to(user).saying(text))
    found = images.values_list("title", flat=True)[:MOST_IMAGES]
    return list(dict.fromkeys(title for title in found if title))[:MOST_OF_A_KIND]

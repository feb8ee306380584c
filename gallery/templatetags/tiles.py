"""Tags for lists of images."""

from collections.abc import Iterable
from math import floor
from typing import TYPE_CHECKING, Any, cast

from django import template
from django.contrib.messages.storage.base import Message
from django.template import Context, engines
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from gallery import proportions
from gallery.models import Image, State

if TYPE_CHECKING:
    from django.template.backends.jinja2 import Jinja2

register = template.Library()

AROUND_TILES = ("request", "list_query", "refine_at", "marking")


@register.filter
def percent(share: float) -> str:
    """A share (0..1) in percent, rounded down: "99.7 %" never says more than is true."""
    return f"{number_format(floor(share * 1000) / 10, 1)} %"


@register.filter
def undoable(message: Message) -> str:
    """The number of the change that the message tells of, where it can be undone."""
    return (message.extra_tags or "").partition("undo:")[2]


@register.filter
def breadth(image: Image) -> int:
    """Its width as proportions.css knows it."""
    return proportions.breadth(image.width, image.height)


@register.simple_tag(takes_context=True)
def tiles(context: dict[str, Any], images: Iterable[Image]) -> SafeString:
    """Pictures of a list, each with what can be done with it."""
    return rendered("gallery/tiles.html", {**around(context), "images": images})


def around(context: dict[str, Any]) -> dict[str, Any]:
    """What tiles take from the context of the page that they are on."""
    signed_in = context["user"].is_authenticated
    return {**{name: context.get(name, "") for name in AROUND_TILES}, "signed_in": signed_in}


@register.simple_tag(takes_context=True)
def compiled(context: Context, name: str) -> SafeString:
    """What the template of that name in templates/jinja2 makes of the context here."""
    return rendered(name, cast("dict[str, Any]", context.flatten()))


def rendered(name: str, context: dict[str, Any]) -> SafeString:
    """Without the request's part of a context: none of these templates asks for it."""
    # Not as a module's global: an engine is made when the settings are there.
    jinja = cast("Jinja2", engines["jinja2"])
    return mark_safe(jinja.env.get_template(name).render(context))  # noqa: S308 - it escapes


def stars(rating: int) -> str:
    said = ngettext("Rated with {stars} star", "Rated with {stars} stars", rating)
    return said.format(stars=rating)


@register.inclusion_tag("gallery/_poller.html")
def tile_poller(images: Iterable[Image]) -> dict[str, Any]:
    """What keeps asking for those of `images` whose thumbnail is still being made."""
    return {"waiting": [image for image in images if image.rendering.state == State.PENDING]}

"""Tags for lists of images."""

from collections.abc import Iterable, Iterator
from math import floor
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gallery import proportions
from gallery.models import Image, State
from gallery.renditions import KINDS

register = template.Library()

THUMBNAIL = "thumbnail"
# About how high a tile is, in pixels of CSS; a browser that knows better asks nobody.
TILE = 240
PICTURE_OF_ONE_SIZE = (
    '<img src="{path}" alt="{alt}" width="{width}" height="{height}" loading="lazy"'
    ' decoding="async">'
)
PICTURE = (
    '<svg class="tile-color" color="{color}" aria-hidden="true"></svg>'
    '<img src="{path}" alt="{alt}" width="{width}" height="{height}" loading="lazy"'
    ' decoding="async" sizes="auto, {shown}px" srcset="{sources}">'
)


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


@register.simple_tag
def picture(image: Image) -> SafeString:
    """The picture of a tile, in the sizes there are, on the colour it is like from afar."""
    color = image.rendering.color
    path = reverse("gallery:rendition", args=[image.pk, THUMBNAIL])
    return format_html(
        PICTURE if color else PICTURE_OF_ONE_SIZE,
        path=path,
        alt=str(image),
        width=image.width,
        height=image.height,
        color=color,
        sources=", ".join(sources(image, path)),
        shown=round(proportions.breadth(image.width, image.height) * TILE / proportions.STEPS),
    )


def sources(image: Image, path: str) -> Iterator[str]:
    """What `srcset` says: each size by its address and width, as far as the original goes."""
    known = 0
    for kind, side in KINDS.items():
        width = proportions.fitted_width(image.width, image.height, side)
        if width > known:
            yield f"{path.replace(THUMBNAIL, kind)} {width}w"
        known = width


@register.inclusion_tag("gallery/_poller.html")
def tile_poller(images: Iterable[Image]) -> dict[str, Any]:
    """What keeps asking for those of `images` whose thumbnail is still being made."""
    return {"waiting": [image for image in images if image.rendering.state == State.PENDING]}

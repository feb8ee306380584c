"""Tags for lists of images."""

from collections.abc import Iterable
from math import floor
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.utils.formats import number_format

from gallery.models import Image, State

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """A share (0..1) in percent, rounded down: "99.7 %" never says more than is true."""
    return f"{number_format(floor(share * 1000) / 10, 1)} %"


@register.filter
def undoable(message: Message) -> str:
    """The number of the change that the message tells of, where it can be undone."""
    return (message.extra_tags or "").partition("undo:")[2]


@register.inclusion_tag("gallery/_poller.html")
def tile_poller(images: Iterable[Image]) -> dict[str, Any]:
    """What keeps asking for those of `images` whose thumbnail is still being made."""
    return {"waiting": [image for image in images if image.rendering.state == State.PENDING]}

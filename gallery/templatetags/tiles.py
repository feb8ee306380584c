"""Tags for lists of images."""

from collections.abc import Iterable
from typing import Any

from django import template

from gallery.models import Image, State

register = template.Library()


@register.inclusion_tag("gallery/_poller.html")
def tile_poller(images: Iterable[Image]) -> dict[str, Any]:
    """What keeps asking for those of `images` whose thumbnail is still being made."""
    return {"waiting": [image for image in images if image.rendering.state == State.PENDING]}

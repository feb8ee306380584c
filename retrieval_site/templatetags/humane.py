"""Numbers and durations as people write them."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from search.models.encoders import spaced

register = template.Library()

UNITS = (
    (86_400, gettext_noop("d")),
    (3_600, gettext_noop("h")),
    (60, gettext_noop("min")),
    (1, gettext_noop("s")),
)


@register.filter
def grouped(number: int) -> str:
    """34475 as 34 475."""
    return spaced(number)


@register.filter
def spell(duration: timedelta | float | None) -> str:
    """How long, in its two largest units: "3 h 20 min"; a second at least."""
    if duration is None:
        return ""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    left = max(round(seconds), 1)
    parts: list[tuple[int, str]] = []
    for size, unit in UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count} {_(unit)}" for count, unit in parts[:2] if count)

"""Tags for answers."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import template
from django.utils.safestring import SafeString

from gallery.templatetags.tiles import around, rendered
from search.similarity import Neighbour

register = template.Library()


@register.simple_tag(takes_context=True)
def results(context: dict[str, Any], found: Sequence[Neighbour]) -> SafeString:
    """The tiles of results, each with what a search knows of it."""
    told = {"results": found, "toggled": partial(toggled, context)}
    return rendered("search/results.html", {**around(context), **told})


def toggled(context: dict[str, Any], pk: int) -> str:
    """The address at which that image shows all it stands for, or no longer does."""
    opened: list[int] = context["form"].cleaned_data["open"]
    others = [other for other in opened if other != pk]
    chosen = others if pk in opened else [*opened, pk]
    query = context["request"].GET.copy()
    query.pop("open", None)
    if chosen:
        query["open"] = ",".join(map(str, chosen))
    return f"?{query.urlencode(safe=',')}"

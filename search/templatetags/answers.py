"""Tags for answers."""

from typing import Any

from django import template

from search.models import Embedding

register = template.Library()


@register.simple_tag(takes_context=True)
def toggled(context: dict[str, Any], found: Embedding) -> str:
    """The address at which a result shows all it stands for, or no longer does."""
    opened: list[int] = context["form"].cleaned_data["open"]
    pk = found.image_id
    others = [other for other in opened if other != pk]
    chosen = others if pk in opened else [*opened, pk]
    query = context["request"].GET.copy()
    query.pop("open", None)
    if chosen:
        query["open"] = ",".join(map(str, chosen))
    return f"?{query.urlencode(safe=',')}"

"""Tags for evaluations."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def signed(difference: float) -> str:
    """A difference with its sign: +0.031, −0.007, 0.000."""
    text = number_format(abs(difference), 3)
    if not round(difference, 3):
        return text
    return f"+{text}" if difference > 0 else f"−{text}"

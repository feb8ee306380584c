"""The templates of what a page shows by the dozen: Jinja compiles them, Django interprets its own.

They are in templates/jinja2; the tags `tiles`, `results` and `compiled` put them into pages. Of a
form's fields there are dozens, too: Django has their templates for both.
"""

from collections.abc import Iterator
from typing import Any

from django.forms.renderers import DjangoTemplates, Jinja2
from django.http import HttpRequest
from django.template import TemplateDoesNotExist
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext, ngettext
from jinja2 import Environment

from gallery.addresses import address
from gallery.models import Image
from gallery.proportions import STEPS, breadth, fitted_width
from gallery.renditions import KINDS
from gallery.templatetags.tiles import percent, stars

# About how high a tile is, in pixels of CSS; a browser that knows better asks nobody.
TILE = 240


def environment(**options: Any) -> Environment:
    """What these templates know beside what Jinja does."""
    known = Environment(**options, extensions=["jinja2.ext.i18n"])  # noqa: S701 - Django says it
    known.install_gettext_callables(gettext, ngettext)  # type: ignore[attr-defined]
    known.globals.update(
        breadth=breadth,
        query_string=query_string,
        shown_width=shown_width,
        srcset=srcset,
        stars=stars,
        url=address,
    )
    known.filters.update(distance=distance, percent=percent)
    return known


class CompiledForms(Jinja2):
    """Fields of forms by Jinja, where it has their templates: those of the admin are Django's."""

    interpreted = DjangoTemplates()

    def get_template(self, template_name: str) -> Any:
        try:
            return super().get_template(template_name)
        except TemplateDoesNotExist:
            return self.interpreted.get_template(template_name)


def query_string(request: HttpRequest) -> str:
    return f"?{request.GET.urlencode()}" if request.GET else ""


def distance(number: float) -> str:
    """A distance as all pages show it, with four digits."""
    return floatformat(number, 4)


def shown_width(image: Image) -> int:
    """About how wide its tile is, in pixels of CSS."""
    return round(breadth(image.width, image.height) * TILE / STEPS)


def srcset(image: Image, thumbnail: str) -> str:
    """Each size there is by its address and width; `thumbnail` is the address of the smallest."""
    return ", ".join(sources(image, thumbnail))


def sources(image: Image, thumbnail: str) -> Iterator[str]:
    """As far as the original goes: what is no wider than the one before is not said."""
    known = 0
    for kind, side in KINDS.items():
        width = fitted_width(image.width, image.height, side)
        if width > known:
            yield f"{thumbnail.replace('thumbnail', kind)} {width}w"
        known = width

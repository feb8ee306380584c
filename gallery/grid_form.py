"""What people want to see of the grid: its filters, its order, and which part of it."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from gallery.forms import ImageFilterForm
from gallery.models import State, Visibility
from gallery.models.images import ImageQuerySet
from gallery.orders import (
    BY_HAND,
    NEWEST,
    ORDERS,
    RELEVANT,
    SORTS,
    NoPlace,
    Order,
    Page,
    Place,
    first_page,
    page_before,
    page_behind,
)
from gallery.states import in_state
from gallery.timeline import MONTH_FORMAT, day_of, edge_of

CHOICES = [(name, order.label) for name, order in SORTS.items()]


class GridForm(ImageFilterForm):
    """The filters of every list, and what only the grid has.

    Which part is shown is no reason to refuse: a place that is none is the beginning.
    """

    as_chips = ["q", *ImageFilterForm.as_chips, "visibility", "state", "sort"]
    paging = ["until", "since", "at", "month"]

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    visibility = forms.ChoiceField(
        label=_("Visible to"), required=False, choices=[("", _("any")), *Visibility.choices]
    )
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("any")), *State.choices]
    )
    sort = forms.ChoiceField(label=_("Sort"), required=False, choices=CHOICES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said = str(self.data.get("q", "")).strip()

    def clean(self) -> dict[str, Any]:
        unasked = self.unasked
        offered = [(name, label) for name, label in CHOICES if name != unasked]
        self.fields["sort"].widget.choices = [("", ORDERS[unasked].label), *offered]
        return self.cleaned_data

    def list_query(self) -> str:
        """What the address of a picture says of the list it stands in; no part of it."""
        said = {
            name: value
            for name, value in self.data.items()
            if value and name in self.fields and name not in self.paging
        }
        return f"?{urlencode(said)}" if said else ""

    @property
    def unasked(self) -> str:
        """The order of a list for which none is chosen: an album has its own."""
        if self.said:
            return RELEVANT
        is_one = self.cleaned_data.get("album") and len(self.albums_named) == 1
        return self.albums_named[0].order if is_one else NEWEST

    @cached_property
    def order(self) -> Order:
        return ORDERS[self.cleaned_data["sort"] or self.unasked]

    @property
    def is_by_hand(self) -> bool:
        """Whether the list is an album that stands in the order that its owner gave it."""
        return self.order is ORDERS[BY_HAND]

    def narrow(self, images: ImageQuerySet) -> ImageQuerySet:
        images = super().narrow(images)
        chosen = self.cleaned_data
        if self.said:
            images = images.saying(self.said)
        if chosen["visibility"]:
            images = images.filter(visibility=chosen["visibility"])
        if self.is_by_hand:
            images = images.placed_in(self.albums_named[0])
        return in_state(images, chosen["state"]) if chosen["state"] else images

    def page_of(self, images: ImageQuerySet, size: int) -> Page:
        """The part of these images that is asked for."""
        order = self.order
        if place := self.place("since"):
            page = page_before(order, images, place, size)
            return page if page.images else first_page(order, images, size)
        if place := self.place("until") or self.month_edge():
            return page_behind(order, images, place, size)
        if place := self.place("at"):
            return page_behind(order, images, place, size, at=True)
        return first_page(order, images, size)

    def place(self, name: str) -> Place | None:
        try:
            return self.order.parse(self.data.get(name, ""))
        except NoPlace:
            return None

    def day_before(self) -> date | None:
        """The day of the picture behind which the part begins, where these are sorted by days."""
        place = self.place("until") if self.order.date else None
        return day_of(place[0]) if place else None

    def month_edge(self) -> Place | None:
        """The place at which the month begins that one jumps to."""
        if self.order.date is None or not (text := self.data.get("month", "")):
            return None
        try:
            month = timezone.make_aware(datetime.strptime(text, MONTH_FORMAT))
            return [edge_of(month, self.order)]
        except (ValueError, OverflowError):
            return None

    def shown(self, name: str, value: str) -> str:
        if name == "sort":
            return str(ORDERS[value].label) if value in ORDERS else ""
        if name in {"visibility", "state"}:
            return str(dict(getattr(self.fields[name], "choices", ())).get(value, value))
        return super().shown(name, value)

"""What people want to see of the grid: its filters, its order, and which part of it."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from gallery.forms import ImageFilterForm
from gallery.models import Album, Image, SmartAlbum, State, Visibility
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

    as_chips = ["smart", "q", *ImageFilterForm.as_chips, "visibility", "state", "sort"]
    paging = ["until", "since", "at", "month"]

    smart = forms.IntegerField(label=_("Smart album"), required=False, min_value=1)
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

    def filters(self) -> dict[str, str]:
        """What a smart album keeps of what is asked for."""
        names = [name for name in self.as_chips if name != "smart"]
        return {name: str(self.data[name]) for name in names if self.data.get(name)}

    @property
    def can_be_kept(self) -> bool:
        """Whether it says more than the albums that there are."""
        return not self.data.get("smart") and bool(self.filters().keys() - {"album", "sort"})

    @property
    def one_album(self) -> Album | None:
        """The album that is asked for, where its title is no other's."""
        is_asked = self.cleaned_data.get("album") and len(self.albums_named) == 1
        return self.albums_named[0] if is_asked else None

    @cached_property
    def smart_album(self) -> SmartAlbum | None:
        """The smart album that is asked for, if this person may see it."""
        if not (pk := self.cleaned_data.get("smart")):
            return None
        found = SmartAlbum.objects.visible_to(self.user).select_related("owner")
        return found.filter(pk=pk).first()

    @cached_property
    def kept(self) -> "GridForm | None":
        """What the smart album asks for, as if the person who looks at it did."""
        album = self.smart_album
        return type(self)(album.filters, user=self.user) if album else None

    @property
    def unasked(self) -> str:
        """The order of a list for which none is chosen: albums have their own."""
        if self.said:
            return RELEVANT
        if self.one_album:
            return self.one_album.order
        if self.kept and self.kept.is_valid():
            return self.kept.cleaned_data["sort"] or self.kept.unasked
        return NEWEST

    @cached_property
    def order(self) -> Order:
        return ORDERS[self.cleaned_data["sort"] or self.unasked]

    @property
    def album_by_hand(self) -> Album | None:
        """The album that is shown in the order its owner gave it."""
        return self.one_album if self.order is ORDERS[BY_HAND] else None

    def narrow(self, images: ImageQuerySet) -> ImageQuerySet:
        images = super().narrow(images)
        chosen = self.cleaned_data
        if self.said:
            images = images.saying(self.said)
        if chosen["visibility"]:
            images = images.filter(visibility=chosen["visibility"])
        if chosen["smart"]:
            images = self.narrow_to_smart_album(images)
        if self.album_by_hand:
            images = images.placed_in(self.album_by_hand)
        return in_state(images, chosen["state"]) if chosen["state"] else images

    def narrow_to_smart_album(self, images: ImageQuerySet) -> ImageQuerySet:
        """What it finds among `images`, as far as its owner may see it, too."""
        if not self.smart_album or not self.kept or not self.kept.is_valid():
            return images.none()
        images = self.kept.narrow(images)
        if self.smart_album.owner == self.user:
            return images
        seen = Image.objects.visible_to(self.smart_album.owner).filter(pk=OuterRef("pk"))
        return images.filter(Exists(seen))

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
        if name == "smart":
            return self.smart_album.title if self.smart_album else value
        if name == "sort":
            return str(ORDERS[value].label) if value in ORDERS else ""
        if name in {"visibility", "state"}:
            return str(dict(getattr(self.fields[name], "choices", ())).get(value, value))
        return super().shown(name, value)

"""What people ask of a search."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.forms import ImageFilterForm
from search.models import DistanceScale, Encoder
from search.similarity import Bounds

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
# Deeper paging reads all the rows before it; nobody looks at the ten thousandth neighbour.
MAX_OFFSET = 10_000


class RangeInput(forms.NumberInput):
    """A slider, at its lowest while nothing is chosen; `data-unit` is shown behind its value."""

    input_type = "range"

    def format_value(self, value: Any) -> str:
        # A browser would put it in the middle.
        return super().format_value(value) or "0"


def encoder_named(name: str) -> Encoder:
    """The encoder of that name, the active one of them first; without a name the active one."""
    known = Encoder.objects.in_use().select_related("scale").order_by("-is_active", "-pk")
    encoder = known.filter(name=name).first() if name else known.active()
    if encoder is None:
        names = ", ".join(sorted(set(known.values_list("name", flat=True))))
        message = gettext("There is no encoder “%(name)s”. There are: %(names)s.")
        raise forms.ValidationError(message % {"name": name, "names": names})
    return encoder


class EncoderForm(forms.Form):
    """Which encoder is asked."""

    encoder = forms.CharField(required=False, max_length=100)

    def clean_encoder(self) -> Encoder:
        return encoder_named(self.cleaned_data["encoder"])


class SimilarityForm(ImageFilterForm):
    """The filters of a search, those of every list of images included."""

    as_chips = [*ImageFilterForm.as_chips, "min_distance", "max_distance", "closer_than"]

    min_distance = forms.FloatField(label=_("Distance from"), required=False, min_value=0)
    max_distance = forms.FloatField(label=_("Distance to"), required=False, min_value=0)
    closer_than = forms.FloatField(
        label=_("Closer than this share of all pairs, in %"),
        required=False,
        min_value=0,
        max_value=100,
        widget=RangeInput(attrs={"step": "0.1", "data-unit": "%"}),
    )
    limit = forms.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT)
    offset = forms.IntegerField(required=False, min_value=0, max_value=MAX_OFFSET)
    exact = forms.BooleanField(label=_("Compare every picture"), required=False)
    encoder = forms.CharField(required=False, max_length=100)

    def shown(self, name: str, value: str) -> str:
        """The value as people know it: a share in percent, unless it lets everything through."""
        if name == "closer_than":
            return f"{value} %" if value.strip("0.") else ""
        return super().shown(name, value)

    def clean_limit(self) -> int:
        return self.cleaned_data["limit"] or DEFAULT_LIMIT

    def clean_offset(self) -> int:
        return self.cleaned_data["offset"] or 0

    def clean_encoder(self) -> Encoder:
        return encoder_named(self.cleaned_data["encoder"])

    def clean(self) -> dict[str, Any]:
        low, high = self.cleaned_data.get("min_distance"), self.cleaned_data.get("max_distance")
        if low is not None and high is not None and low > high:
            self.add_error("max_distance", gettext("This is less than the smallest distance."))
        encoder = self.cleaned_data.get("encoder")
        if self.cleaned_data.get("closer_than") and encoder and encoder.known_scale is None:
            self.add_error("closer_than", gettext("This gallery’s pairs are not measured yet."))
        return self.cleaned_data

    def bounds(self, scale: DistanceScale | None) -> Bounds:
        """Between which distances results lie, by the scale of the encoder that is searched.

        Of two upper bounds the closer one counts.
        """
        chosen = self.cleaned_data
        highest = [chosen["max_distance"]]
        if chosen["closer_than"] and scale:
            highest.append(scale.distance_at(chosen["closer_than"] / 100))
        return Bounds(
            chosen["min_distance"], min((d for d in highest if d is not None), default=None)
        )

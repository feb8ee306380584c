"""What people ask of a search."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.forms import ImageFilterForm
from search.models import Encoder
from search.similarity import Bounds

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
# Deeper paging reads all the rows before it; nobody looks at the ten thousandth neighbour.
MAX_OFFSET = 10_000


class SimilarityForm(ImageFilterForm):
    """The filters of a search, those of every list of images included."""

    as_chips = [*ImageFilterForm.as_chips, "min_distance", "max_distance"]

    min_distance = forms.FloatField(label=_("Distance from"), required=False, min_value=0)
    max_distance = forms.FloatField(label=_("Distance to"), required=False, min_value=0)
    limit = forms.IntegerField(required=False, min_value=1, max_value=MAX_LIMIT)
    offset = forms.IntegerField(required=False, min_value=0, max_value=MAX_OFFSET)
    # Every search is exact so far; scripts may already say that they need it.
    exact = forms.BooleanField(required=False, widget=forms.HiddenInput)
    encoder = forms.CharField(required=False, max_length=100)

    def clean_limit(self) -> int:
        return self.cleaned_data["limit"] or DEFAULT_LIMIT

    def clean_offset(self) -> int:
        return self.cleaned_data["offset"] or 0

    def clean_encoder(self) -> Encoder:
        """The encoder of that name, the active one of them first; without a name the active one."""
        name = self.cleaned_data["encoder"]
        known = Encoder.objects.in_use().order_by("-is_active", "-pk")
        encoder = known.filter(name=name).first() if name else known.active()
        if encoder is None:
            names = ", ".join(sorted(set(known.values_list("name", flat=True))))
            message = gettext("There is no encoder “%(name)s”. There are: %(names)s.")
            raise forms.ValidationError(message % {"name": name, "names": names})
        return encoder

    def clean(self) -> dict[str, Any]:
        low, high = self.cleaned_data.get("min_distance"), self.cleaned_data.get("max_distance")
        if low is not None and high is not None and low > high:
            self.add_error("max_distance", gettext("This is less than the smallest distance."))
        return self.cleaned_data

    @property
    def bounds(self) -> Bounds:
        return Bounds(self.cleaned_data["min_distance"], self.cleaned_data["max_distance"])

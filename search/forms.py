"""What people ask of a search."""

from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.forms import ImageFilterForm
from search.models import DistanceScale, Encoder
from search.models.encoders import EncoderQuerySet
from search.places import MOST_DIGITS, Place
from search.similarity import Bounds

DEFAULT_LIMIT = 50
# Of results on a page: what a large screen shows at once, in whole rows of 2, 3, 4 or 6. The
# others come by scrolling.
PAGE_SIZE = 24
MAX_LIMIT = 200
# Deeper paging reads all the rows before it; nobody looks at the ten thousandth neighbour.
MAX_OFFSET = 10_000


class RangeInput(forms.NumberInput):
    """A slider, at its lowest while nothing is chosen; `data-unit` is shown behind its value."""

    input_type = "range"

    def format_value(self, value: Any) -> str:
        # A browser would put it in the middle.
        return super().format_value(value) or "0"


class Alike(models.TextChoices):
    """How near-identical images are shown."""

    TOGETHER = "together", _("as one")
    APART = "apart", _("each by itself")


class PlaceField(forms.CharField):
    def clean(self, value: Any) -> Place | None:
        if not (text := super().clean(value)):
            return None
        try:
            return Place.parse(text)
        except ValueError:
            raise forms.ValidationError(_("Follow the link as it was sent.")) from None


class NumbersField(forms.CharField):
    """Primary keys with commas between them, as a list without repetitions."""

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.most = most

    def clean(self, value: Any) -> list[int]:
        texts = [text.strip() for text in super().clean(value).split(",") if text.strip()]
        if not all(text.isdecimal() and len(text) <= MOST_DIGITS for text in texts):
            raise forms.ValidationError(_("Write numbers of images, with commas between them."))
        if len(texts) > self.most:
            raise forms.ValidationError(_("Choose %(limit)s at most."), params={"limit": self.most})
        return list(dict.fromkeys(map(int, texts)))


def known_encoders() -> EncoderQuerySet:
    """Those that can be asked, the active one first."""
    known = Encoder.objects.in_use().select_related("scale").order_by("-is_active", "-pk")
    return known.with_names()


def encoder_named(name: str) -> Encoder:
    """The encoder of that name, the active one of them first; without a name the active one."""
    known = known_encoders()
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

    as_chips = [*ImageFilterForm.as_chips, "min_distance", "max_distance", "closer_than", "alike"]
    paging = [*ImageFilterForm.paging, "offset", "place"]
    alike_unasked = Alike.APART
    limit_unasked = DEFAULT_LIMIT

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
    place = PlaceField(required=False, max_length=200)
    alike = forms.ChoiceField(
        label=_("Near-identical pictures"), required=False, choices=Alike.choices
    )
    exact = forms.BooleanField(label=_("Compare every picture"), required=False)
    encoder = forms.CharField(required=False, max_length=100)

    def shown(self, name: str, value: str) -> str:
        """The value as people know it: a share in percent, unless it lets everything through."""
        if name == "closer_than":
            return f"{value} %" if value.strip("0.") else ""
        if name == "alike":
            return "" if value == self.alike_unasked else str(dict(Alike.choices).get(value, value))
        return super().shown(name, value)

    def clean_limit(self) -> int:
        return self.cleaned_data["limit"] or self.limit_unasked

    def clean_offset(self) -> int:
        return self.cleaned_data["offset"] or 0

    def clean_alike(self) -> str:
        return self.cleaned_data["alike"] or self.alike_unasked

    def clean_encoder(self) -> Encoder:
        return encoder_named(self.cleaned_data["encoder"])

    def rivals_of(self, encoder: Encoder) -> list[str]:
        """The names of the encoders whose answer can be put beside this one's."""
        return [name for name in self.cleaned_data["encoder"].known_names if name != encoder.name]

    def clean(self) -> dict[str, Any]:
        if place := self.cleaned_data.get("place"):
            self.answer_by_encoder_of(place)
        low, high = self.cleaned_data.get("min_distance"), self.cleaned_data.get("max_distance")
        if low is not None and high is not None and low > high:
            self.add_error("max_distance", gettext("This is less than the smallest distance."))
        encoder = self.cleaned_data.get("encoder")
        if self.cleaned_data.get("closer_than") and encoder and encoder.known_scale is None:
            self.add_error("closer_than", gettext("This gallery’s pairs are not measured yet."))
        if self.cleaned_data.get("offset") and self.cleaned_data.get("alike") == Alike.TOGETHER:
            self.add_error("offset", gettext("This counts pictures that are apart."))
        return self.cleaned_data

    def answer_by_encoder_of(self, place: Place) -> None:
        """Go on with the encoder of the page before, though another is active by now."""
        encoder = self.cleaned_data.get("encoder")
        if encoder and encoder.pk != place.encoder:
            encoder = known_encoders().filter(pk=place.encoder).first()
            self.cleaned_data["encoder"] = encoder
            if encoder is None:
                self.add_error("place", gettext("The encoder of the first page is gone: go back."))

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

    def within(self, scale: DistanceScale | None) -> float | None:
        """How far apart images are that are shown as one; None where each is shown by itself.

        Without a scale nobody knows, and each is.
        """
        is_asked = self.cleaned_data["alike"] == Alike.TOGETHER
        return scale.alike_within if is_asked and scale else None


class ResultsForm(SimilarityForm):
    """What a page with results takes besides, where near-identical images are shown as one."""

    paging = [*SimilarityForm.paging, "open"]
    alike_unasked = Alike.TOGETHER
    limit_unasked = PAGE_SIZE

    # Pages follow one another by places alone.
    offset = None  # type: ignore[assignment] # Django's way of leaving a field out
    # Images whose near-identical ones are shown too.
    open = NumbersField(MAX_LIMIT)


class SimilarForm(ResultsForm):
    """What the page of one image's neighbours takes besides: whether they are being marked."""

    mark = forms.BooleanField(required=False)

    @property
    def is_marking(self) -> bool:
        return self.cleaned_data["mark"] and self.user.is_authenticated

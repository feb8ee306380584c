"""What people ask with: a picture, a part of one, or images liked and disliked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.models import Album, Image, User
from gallery.models.images import ImageQuerySet
from search.asking import MOST_EXAMPLES
from search.crops import Crop, lies_inside
from search.forms import NumbersField, ResultsForm
from search.models import Query

LISTS = ("positive", "negative")


class ExamplesForm(ResultsForm):
    """Images liked and disliked, and the filters beside them."""

    positive = NumbersField(MOST_EXAMPLES, label=_("More like"))
    negative = NumbersField(MOST_EXAMPLES, label=_("Less like"))
    for_album = forms.IntegerField(label=_("More for album"), required=False, min_value=1)

    def clean_for_album(self) -> Album | None:
        if (pk := self.cleaned_data["for_album"]) is None:
            return None
        album = Album.objects.visible_to(self.user).filter(pk=pk).first()
        if album is None:
            raise forms.ValidationError(gettext("There is no such album, or you may not see it."))
        return album

    def clean_negative(self) -> list[int]:
        negative: list[int] = self.cleaned_data["negative"]
        if set(negative) & set(self.cleaned_data.get("positive", [])):
            raise forms.ValidationError(gettext("A picture can’t be liked and disliked at once."))
        return negative

    def narrow(self, images: ImageQuerySet) -> ImageQuerySet:
        """Those that the filters leave; an album that is searched for has its own already."""
        if album := self.cleaned_data["for_album"]:
            images = images.outside_albums(Album.objects.filter(pk=album.pk))
        return super().narrow(images)

    def examples(self) -> Iterator["Example"]:
        """Each image asked with, if the person may see it, and the way to take it away."""
        chosen = {name: self.cleaned_data[name] for name in LISTS}
        seen = Image.objects.visible_to(self.user).for_tiles()
        images = seen.in_bulk([pk for pks in chosen.values() for pk in pks])
        for name, pks in chosen.items():
            for pk in pks:
                if image := images.get(pk):
                    rest = [str(other) for other in pks if other != pk]
                    without = carried({**self.data, name: ",".join(rest)})
                    yield Example(image, name == "positive", f"?{urlencode(without)}")


@dataclass(frozen=True)
class Example:
    """An image asked with, and the query string without it."""

    image: Image
    is_liked: bool
    without: str


def joined(data: QueryDict) -> dict[str, str]:
    """A form's data with its ticks as one list each, as they stand in an address."""
    return {
        name: ",".join(filter(None, data.getlist(name))) if name in LISTS else str(data[name])
        for name in data
    }


def carried(data: Mapping[str, Any]) -> dict[str, str]:
    """What the next question takes along: all but the page one is on, and what is empty."""
    return {name: value for name, value in data.items() if value and name not in ResultsForm.paging}


def examples_in(data: Mapping[str, Any]) -> dict[str, str]:
    return {name: data[name] for name in (*LISTS, "for_album") if data.get(name)}


class PercentField(forms.FloatField):
    def __init__(self, label: Any, initial: float) -> None:
        widget = forms.NumberInput(attrs={"step": "any"})
        super().__init__(
            label=label, initial=initial, min_value=0, max_value=100, required=False, widget=widget
        )


class AskForm(forms.Form):
    """One picture, and the part of it that is meant."""

    file = forms.FileField(
        label=_("Picture"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/*,.heic,.heif,.avif,.tif,.tiff"}),
    )
    url = forms.CharField(
        label=_("Or its address on the web"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}
        ),
    )
    image = forms.IntegerField(label=_("Picture"), required=False, min_value=1)
    query = forms.UUIDField(label=_("Picture"), required=False)
    left = PercentField(_("Left, %"), 0)
    top = PercentField(_("Top, %"), 0)
    width = PercentField(_("Width, %"), 100)
    height = PercentField(_("Height, %"), 100)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_image(self) -> Any:
        return self.found(Image.objects.visible_to(self.user), self.cleaned_data["image"])

    def clean_query(self) -> Any:
        queries = Query.objects.asked_by(self.user).select_related("image", "encoder", "asker")
        return self.found(queries, self.cleaned_data["query"])

    def found(self, among: Any, pk: Any) -> Any:
        found = among.filter(pk=pk).first() if pk else None
        if pk and not found:
            raise forms.ValidationError(gettext("This picture is gone, or you may not see it."))
        return found

    def clean(self) -> dict[str, Any]:
        if self.errors:
            return self.cleaned_data
        asked = [name for name in ("file", "url", "image", "query") if self.cleaned_data[name]]
        if len(asked) != 1:
            raise forms.ValidationError(gettext("Choose one picture, or give the address of one."))
        self.cleaned_data["crop"] = self.crop()
        return self.cleaned_data

    def crop(self) -> Crop | None:
        """The part in fractions; None for the whole picture, or none named."""
        said = [self.cleaned_data[name] for name in ("left", "top", "width", "height")]
        x, y, width, height = ((value or 0) / 100 for value in said)
        if all(value is None for value in said) or (x, y, width, height) == (0, 0, 1, 1):
            return None
        if not (lies_inside(x, width) and lies_inside(y, height)):
            raise forms.ValidationError(gettext("Choose a part that lies within the picture."))
        return x, y, width, height


def percents_of(crop: list[float] | None) -> dict[str, float]:
    """A crop as AskForm has it."""
    numbers = [round(100 * value, 1) for value in crop or (0, 0, 1, 1)]
    return dict(zip(("left", "top", "width", "height"), numbers, strict=True))

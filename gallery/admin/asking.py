"""What the admin asks before it does something with many images, a form an action."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _

from gallery.forms import TagsField
from gallery.models import Album, AlbumItem, Image, User, Visibility


class AskingForm(forms.Form):
    """Without a field it asks whether it shall be at all."""

    def said(self) -> dict[str, Any]:
        """What the action's function is told, as JSON can hold it."""
        return self.cleaned_data

    def detail(self) -> str:
        """The same in words."""
        return ""


class VisibilityForm(AskingForm):
    visibility = forms.ChoiceField(label=_("Visible to"), choices=Visibility)

    def detail(self) -> str:
        return str(Visibility(self.cleaned_data["visibility"]).label)


class OwnerForm(AskingForm):
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True),
        label=_("New owner"),
        widget=AutocompleteSelect(Image._meta.get_field("owner"), admin.site),
        help_text=_(
            "Tags and albums go along as the new owner’s own, under the same names, but into no "
            "album that others are let into. Shared links end."
        ),
    )

    def said(self) -> dict[str, Any]:
        return {"owner": self.cleaned_data["owner"].pk}

    def detail(self) -> str:
        return str(self.cleaned_data["owner"])


class AlbumField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        """As it is offered before it is chosen."""
        return f"{obj} ({obj.owner})"


class AlbumForm(AskingForm):
    album = AlbumField(
        Album.objects.select_related("owner"),
        label=_("Album"),
        widget=AutocompleteSelect(AlbumItem._meta.get_field("album"), admin.site),
        help_text=_("Pictures that its owner can’t see stay out of it."),
    )

    def said(self) -> dict[str, Any]:
        return {"album": self.cleaned_data["album"].pk}

    def detail(self) -> str:
        album = self.cleaned_data["album"]
        return f"{album} ({album.owner})"


class TagsForm(AskingForm):
    tags = TagsField(label=_("Tags"), help_text=_("Separated by commas."))

    def detail(self) -> str:
        return ", ".join(self.cleaned_data["tags"])


FORMS: dict[str, type[AskingForm]] = {
    "delete": AskingForm,
    "set_visibility": VisibilityForm,
    "hand_over": OwnerForm,
    "add_to_album": AlbumForm,
    "add_tags": TagsForm,
}

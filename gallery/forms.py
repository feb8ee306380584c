"""What people tell the gallery: which images they want to see, and what they say about theirs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.exif import MOST_IN_NAME
from gallery.ingest import Labels
from gallery.labels import clean_names, clean_tags, set_album, set_tags
from gallery.models import Album, Image, User, Visibility
from gallery.models.images import (
    MOST_IN_DESCRIPTION,
    MOST_STARS,
    ImageQuerySet,
    Orientation,
    Person,
)

TAG_LENGTH = 100
# What a browser offers for choosing.
ACCEPTED = {"accept": "image/*,.heic,.heif,.avif,.tif,.tiff"}


class MomentInput(forms.DateInput):
    """A browser's own date field, unless what is in it is more than a date."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        is_date = len(context["widget"]["value"] or "0000-00-00") == len("0000-00-00")
        context["widget"]["type"] = "date" if is_date else "text"
        return context


@dataclass(frozen=True)
class Chip:
    """A filter in use: what it is, its value, and the query string without it."""

    label: str
    value: str
    without: str


class ImageFilterForm(forms.Form):
    """The filters of every list of images, in the page's address as in the API's.

    `narrow` answers only for a form that is valid. A name nobody has narrows to nothing.
    """

    as_chips = [
        *("album", "tag", "owner", "camera", "orientation", "favourites", "rating"),
        *("after", "before"),
    ]
    # What says which part of the list is shown.
    paging = ["until"]

    album = forms.CharField(label=_("Album"), required=False, max_length=200)
    tag = forms.CharField(label=_("Tag"), required=False, max_length=100)
    owner = forms.CharField(label=_("Owner"), required=False, max_length=150)
    camera = forms.CharField(label=_("Camera"), required=False, max_length=MOST_IN_NAME)
    orientation = forms.ChoiceField(
        label=_("Orientation"), required=False, choices=[("", _("any")), *Orientation.choices]
    )
    favourites = forms.BooleanField(label=_("Favourites"), required=False)
    rating = forms.IntegerField(
        label=_("Stars, at least"), required=False, min_value=1, max_value=MOST_STARS
    )
    after = forms.DateTimeField(label=_("Taken from"), required=False, widget=MomentInput)
    before = forms.DateTimeField(label=_("Taken before"), required=False, widget=MomentInput)

    def __init__(self, *args: Any, user: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def narrow(self, images: ImageQuerySet) -> ImageQuerySet:
        """Those of `images` that the filters leave."""
        chosen = self.cleaned_data
        if chosen["album"]:
            images = images.in_albums(Album.objects.visible_to(self.user).called(chosen["album"]))
        if chosen["tag"]:
            images = images.tagged(chosen["tag"])
        if chosen["owner"]:
            images = images.filter(owner__username=chosen["owner"])
        if chosen["camera"]:
            images = images.taken_with(chosen["camera"])
        if chosen["orientation"]:
            images = images.oriented(chosen["orientation"])
        if chosen["favourites"]:
            images = images.favourites_of(self.user)
        if chosen["rating"]:
            images = images.rated_at_least(chosen["rating"])
        return images.dated_between(chosen["after"], chosen["before"])

    @cached_property
    def albums_named(self) -> list[Album]:
        """The albums of the title or number that is asked for, as far as it takes to tell one."""
        text = self.data.get("album")
        named = Album.objects.visible_to(self.user).called(text) if text else Album.objects.none()
        return list(named.select_related("owner")[:2])

    def album_shown(self) -> Album | None:
        """The album that is looked at, the first where several have that title."""
        return self.albums_named[0] if self.albums_named else None

    def chips(self) -> Iterator[Chip]:
        """Each filter in use, with the way to take it away; the first page is asked for anew."""
        for name in self.as_chips:
            if (value := self.data.get(name)) and (shown := self.shown(name, value)):
                gone = {name, *self.paging}
                rest = {key: kept for key, kept in self.data.items() if key not in gone}
                # An address that says nothing at all may have filters of its own.
                without = urlencode(rest or {name: ""})
                yield Chip(str(self.fields[name].label), shown, f"?{without}")

    def shown(self, name: str, value: str) -> str:
        """The value as people know it, an album by its title; empty where it narrows nothing."""
        if name == "album" and value.isdecimal():
            album = self.album_shown()
            return album.title if album else value
        if name == "favourites":
            return "" if value.lower() == "false" else gettext("only")
        if name == "orientation":
            return str(dict(Orientation.choices).get(value, value))
        return value


class TagsInput(forms.TextInput):
    """A field that tags.js completes."""

    def __init__(self) -> None:
        address = reverse_lazy("gallery:tag_suggestions")
        named = {"data-tags": address, "data-tags-label": _("Suggestions")}
        super().__init__(attrs={**named, "autocomplete": "off"})


class TagsField(forms.CharField):
    """Words separated by commas, as a list without blanks and repetitions."""

    widget = TagsInput

    def clean(self, value: Any) -> list[str]:
        names = clean_tags(super().clean(value).split(","))
        if self.required and not names:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        if any(len(name) > TAG_LENGTH for name in names):
            raise forms.ValidationError(
                _("A tag has at most %(limit)s characters."), params={"limit": TAG_LENGTH}
            )
        return names


class DescriptionField(forms.CharField):
    """Some lines of text."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self) -> None:
        super().__init__(label=_("Description"), required=False, max_length=MOST_IN_DESCRIPTION)


class ReplaceForm(forms.Form):
    """The file that an image gets in place of the one it has."""

    file = forms.FileField(
        label=_("New file"),
        allow_empty_file=True,
        help_text=_(
            "Title, tags, albums and who may see it stay. The file it has now is deleted for good."
        ),
        widget=forms.FileInput(attrs=ACCEPTED),
    )


class PeopleField(forms.CharField):
    """User names separated by commas, as a list of users; a name nobody has is an error."""

    def clean(self, value: Any) -> list[User]:
        names = clean_names(super().clean(value).split(","))
        found = {user.username: user for user in User.objects.filter(username__in=names)}
        if strangers := [name for name in names if name not in found]:
            raise forms.ValidationError(
                _("Nobody here is called %(names)s."), params={"names": ", ".join(strangers)}
            )
        return list(found.values())


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or many. What is in them is for the door to judge."""

    widget = FilesInput(attrs=ACCEPTED)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        if not data and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(data or [])


class UploadForm(forms.Form):
    """Many files, and what is said of all of them."""

    pictures = FilesField(label=_("Pictures"))
    album = forms.CharField(
        label=_("Album"),
        required=False,
        max_length=200,
        help_text=_("A new name makes a new album."),
        widget=forms.TextInput(attrs={"list": "own-albums"}),
    )
    tags = TagsField(label=_("Tags"), required=False, help_text=_("Separated by commas."))
    description = DescriptionField()
    visibility = forms.ChoiceField(
        label=_("Visible to"), choices=Visibility, initial=Visibility.PRIVATE
    )

    def labels(self) -> Labels:
        said = self.cleaned_data
        names = ("description", "album", "tags", "visibility")
        return Labels(**{name: said[name] for name in names})


class ImageForm(forms.ModelForm):
    """What the owner of an image may change about it."""

    description = DescriptionField()
    album = forms.CharField(
        label=_("Album"),
        required=False,
        max_length=200,
        help_text=_("A new name makes a new album."),
        widget=forms.TextInput(attrs={"list": "own-albums"}),
    )
    tags = TagsField(label=_("Tags"), required=False, help_text=_("Separated by commas."))
    shared_with = PeopleField(
        label=_("Shared with"),
        required=False,
        help_text=_("User names, separated by commas. They see this image whatever is set above."),
    )

    class Meta:
        model = Image
        fields = ["title", "description", "visibility"]

    def __init__(self, data: Any = None, *, instance: Image) -> None:
        initial = {
            "album": ", ".join(album.title for album in instance.albums.all()),
            "tags": ", ".join(tag.name for tag in instance.tags.all()),
            "shared_with": ", ".join(user.username for user in instance.shared_with.all()),
        }
        super().__init__(data, instance=instance, initial=initial)

    def keep(self) -> None:
        """Save all or nothing. What was not touched stays: an image may be in several albums."""
        with transaction.atomic():
            self.instance.save(update_fields=["title", "description", "visibility"])
            if "album" in self.changed_data:
                set_album(self.instance, self.cleaned_data["album"])
            set_tags(self.instance, self.cleaned_data["tags"])
            self.instance.shared_with.set(self.cleaned_data["shared_with"])

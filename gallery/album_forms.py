"""What people say of their albums."""

from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gallery.forms import PeopleField
from gallery.grid_form import GridForm
from gallery.models import Album, Image, SmartAlbum, User
from gallery.models.images import ImageQuerySet
from gallery.placing import Spot, spot_at


def possible_covers(album: Album) -> ImageQuerySet:
    """Of an album the images that its owner may see."""
    return Image.objects.visible_to(album.owner).in_albums(Album.objects.filter(pk=album.pk))


class TitleForm(forms.ModelForm):
    """A title that none of an owner's others of that kind has; `is_taken` is said otherwise."""

    is_taken: Any

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        kind: Any = type(self.instance)
        others = kind.objects.filter(owner=self.instance.owner).exclude(pk=self.instance.pk)
        if others.filter(title=title).exists():
            raise forms.ValidationError(self.is_taken)
        return title


class AlbumForm(TitleForm):
    """What the owner of an album may change about it."""

    is_taken = _("You have another album of this title.")

    class Meta:
        model = Album
        fields = ["title", "visibility", "order", "chosen_cover"]
        help_texts = {
            "visibility": _(
                "They see the album’s title. Of its pictures everybody sees those that they may"
                " see anyway; “Share” shows all of yours."
            ),
            "order": _(
                "By hand: drag pictures to their places, or move them with Alt and the arrow keys."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        covers = possible_covers(self.instance)
        self.fields["chosen_cover"] = forms.ModelChoiceField(covers, required=False)


class SmartAlbumForm(TitleForm):
    """The title of a smart album and who sees it; what it shows is said by the grid's own form."""

    is_taken = _("You have another smart album of this title.")

    shared_with = PeopleField(
        label=_("Shared with"), required=False, help_text=_("User names, separated by commas.")
    )

    class Meta:
        model = SmartAlbum
        fields = ["title", "visibility"]
        help_texts = {
            "visibility": _(
                "They see its title, and of the pictures it finds those that they may see anyway."
            ),
        }

    def __init__(self, data: Any = None, *, instance: SmartAlbum, filters: GridForm) -> None:
        people = instance.shared_with.all() if instance.pk else []
        initial = {"shared_with": ", ".join(person.username for person in people)}
        # The filters have a field of that name, too.
        super().__init__(data, instance=instance, initial=initial, prefix="album")
        self.filters = filters

    def clean(self) -> dict[str, Any]:
        if not self.filters.is_valid():
            raise forms.ValidationError(_("A filter is not understood."))
        if not self.filters.can_be_kept:
            raise forms.ValidationError(_("Say which pictures it shows: choose a filter."))
        return self.cleaned_data

    def keep(self) -> SmartAlbum:
        album: SmartAlbum = self.instance
        album.filters = self.filters.filters()
        with transaction.atomic():
            album.save()
            album.shared_with.set(self.cleaned_data["shared_with"])
        return album


class MoveForm(forms.Form):
    """Where the chosen images go: beside another one, or to a place by its number."""

    before = forms.IntegerField(required=False, min_value=1)
    behind = forms.IntegerField(required=False, min_value=1)
    place = forms.IntegerField(required=False, min_value=1)

    def spot(self, album: Album, images: list[int], user: User) -> Spot:
        said = self.cleaned_data
        if said["place"]:
            return spot_at(album, images, said["place"], user)
        return Spot(said["before"], said["behind"])

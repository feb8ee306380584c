"""What people say of their albums."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gallery.models import Album, Image, User
from gallery.models.images import ImageQuerySet
from gallery.placing import Spot, spot_at


def possible_covers(album: Album) -> ImageQuerySet:
    """Of an album the images that its owner may see."""
    return Image.objects.visible_to(album.owner).in_albums(Album.objects.filter(pk=album.pk))


class AlbumForm(forms.ModelForm):
    """What the owner of an album may change about it."""

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

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        others = Album.objects.filter(owner=self.instance.owner).exclude(pk=self.instance.pk)
        if others.filter(title=title).exists():
            raise forms.ValidationError(_("You have another album of this title."))
        return title


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

"""Sharing with somebody who is here, or by a link with somebody who is not."""

from django import forms
from django.utils.translation import gettext_lazy as _

from gallery.forms import PeopleField
from gallery.models import Album, Image, ShareLink

DAYS = [
    (1, _("a day")),
    (7, _("a week")),
    (30, _("a month")),
    (365, _("a year")),
]


class ShareForm(forms.Form):
    people = PeopleField(
        label=_("People"), help_text=_("User names, separated by commas. They can look at it.")
    )


class LinkForm(forms.Form):
    """A new link. One that never ends would be forgotten."""

    days = forms.TypedChoiceField(label=_("Valid for"), choices=DAYS, coerce=int, initial=30)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=100,
        help_text=_("Optional. Tell it another way than the link."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def issue_for(self, target: Image | Album) -> ShareLink:
        return ShareLink.issue(target, self.cleaned_data["days"], self.cleaned_data["password"])


class UnlockForm(forms.Form):
    WRONG = _("This is not the password.")

    password = forms.CharField(
        label=_("Password"),
        max_length=100,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

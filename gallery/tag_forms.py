"""What people make of a tag of their own."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gallery.forms import TAG_LENGTH
from gallery.labels import clean_tags
from gallery.models import BulkChange, User
from gallery.retagging import delete, move, moved_name, own_under, taken

ACTIONS = ("rename", "merge", "delete")


class TagForm(forms.Form):
    """Another name for a tag and those below it, which may be that of another tag, or its end."""

    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS])
    new_name = forms.CharField(
        label=_("New name"),
        required=False,
        max_length=TAG_LENGTH,
        help_text=_("“animal/cat” stands below “animal”, and is found with it."),
        widget=forms.TextInput(attrs={"list": "own-tags", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.name = name
        # Whether the name is that of another tag, into which it can be merged.
        self.is_taken = False

    def clean_new_name(self) -> str:
        names = clean_tags([self.cleaned_data["new_name"]])
        return names[0] if names else ""

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not self.errors and said["action"] != "delete":
            self.judge(said["new_name"], said["action"])
        return said

    def judge(self, new: str, action: str) -> None:
        others = taken(self.user, self.name, new)
        self.is_taken = bool(others)
        if not new or "," in new:
            self.add_error("new_name", _("Say one name, without a comma."))
        elif new.lower().startswith(f"{self.name}/".lower()):
            self.add_error("new_name", _("A tag can’t be put below itself."))
        elif any(len(name) > TAG_LENGTH for name in self.new_names(new)):
            self.add_error("new_name", _("This is too long for those below it."))
        elif others and action == "rename":
            text = _("You have “%(name)s” already. You can merge the two.") % {"name": others[0]}
            self.add_error("new_name", text)
        elif not others and action == "merge":
            self.add_error("new_name", _("You have no other tag of this name."))

    def new_names(self, new: str) -> list[str]:
        tags = own_under(self.user, self.name)
        return [moved_name(tag.name, self.name, new) for tag in tags]

    def apply(self) -> BulkChange:
        """Do it; what is returned undoes it."""
        if self.cleaned_data["action"] == "delete":
            return delete(self.user, self.name)
        return move(self.user, self.name, self.cleaned_data["new_name"])

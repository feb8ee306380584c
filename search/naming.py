"""What people say when they save a search."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from search.models import Query, SavedSearch

MOST_SAVED = 200


class NameForm(forms.ModelForm):
    """The name of a saved search, which its owner has given to no other."""

    class Meta:
        model = SavedSearch
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "off"})}

    def __init__(self, data: Any = None, *, instance: SavedSearch) -> None:
        super().__init__(data, instance=instance)
        self.others = SavedSearch.objects.filter(owner=instance.owner).exclude(pk=instance.pk)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if self.others.filter(name=name).exists():
            raise forms.ValidationError(gettext("You have a saved search of that name already."))
        return name


class KeepForm(NameForm):
    """A name for a question, and the kept query it begins with, if it does."""

    query = forms.UUIDField(label=_("Search"), required=False)

    def clean_query(self) -> Query | None:
        if (pk := self.cleaned_data["query"]) is None:
            return None
        queries = Query.objects.asked_by(self.instance.owner).select_related("encoder__scale")
        query = queries.filter(pk=pk).first()
        if query is None:
            raise forms.ValidationError(gettext("This search is gone: ask again, then save it."))
        return query

    def clean(self) -> dict[str, Any]:
        if self.others.count() >= MOST_SAVED:
            message = gettext("You have %(limit)s saved searches; delete one of them first.")
            raise forms.ValidationError(message % {"limit": MOST_SAVED})
        return self.cleaned_data

"""Filters of the admin's lists that are typed: links to all there is would fill the page."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gallery.models import Album, Image
from gallery.models.images import ImageQuerySet


class TypedFilter(admin.ListFilter):
    """A form in the column of filters. What it can't read narrows to nothing, and is told there."""

    template = "admin/gallery/typed_filter.html"
    form_class: type[forms.Form]

    def __init__(
        self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.names:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].strip().replace("\0", "")
        said = self.used_parameters if any(self.used_parameters.values()) else None
        self.form = self.form_class(said, auto_id="filter-%s")

    @property
    def names(self) -> list[str]:
        return list(self.form_class.base_fields)

    def expected_parameters(self) -> list[str | None]:
        return [*self.names]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        """What its form sends along, and the way to be rid of it."""
        kept = [
            (name, value)
            for name, values in changelist.filter_params.items()
            if name not in self.names
            for value in values
        ]
        yield {"kept": kept, "without": changelist.get_query_string(remove=self.names)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.form.is_bound:
            return queryset
        return self.narrow(queryset) if self.form.is_valid() else queryset.none()

    def narrow(self, queryset: Any) -> QuerySet[Any]:
        raise NotImplementedError


class OwnerForm(forms.Form):
    owner = forms.CharField(label=_("User name"), required=False, max_length=150)


class OwnerFilter(TypedFilter):
    title = _("owner")
    form_class = OwnerForm

    def narrow(self, queryset: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(owner__username=self.form.cleaned_data["owner"])
        return found


class AlbumForm(forms.Form):
    album = forms.CharField(label=_("Title or number"), required=False, max_length=200)


class AlbumFilter(TypedFilter):
    title = _("album")
    form_class = AlbumForm

    def narrow(self, queryset: ImageQuerySet) -> QuerySet[Image]:
        return queryset.in_albums(Album.objects.called(self.form.cleaned_data["album"]))


class TagForm(forms.Form):
    tag = forms.CharField(label=_("Name"), required=False, max_length=100)


class TagFilter(TypedFilter):
    title = _("tag")
    form_class = TagForm

    def narrow(self, queryset: ImageQuerySet) -> QuerySet[Image]:
        return queryset.tagged(self.form.cleaned_data["tag"])


class DateForm(forms.Form):
    after = forms.DateTimeField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"})
    )
    before = forms.DateTimeField(
        label=_("Before"), required=False, widget=forms.DateInput({"type": "date"})
    )


class DateFilter(TypedFilter):
    """When it was taken, or else came."""

    title = _("date taken")
    form_class = DateForm

    def narrow(self, queryset: ImageQuerySet) -> QuerySet[Image]:
        said = self.form.cleaned_data
        return queryset.dated_between(said["after"], said["before"])

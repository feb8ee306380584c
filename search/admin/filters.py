"""What images are narrowed by in the admin that only search knows."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gallery.admin.filters import TypedFilter
from gallery.models import State
from gallery.views.grid import is_number
from search.models import Encoder


class EmbeddingStateFilter(admin.SimpleListFilter):
    """By the state of the embedding that is shown; an image without a row of it waits."""

    title = _("embedding")
    parameter_name = "embedding"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(embedding_state=self.value()) if self.value() else queryset


class EncoderFilter(admin.SimpleListFilter):
    """Whose embeddings are shown, compared and filtered by; the list is narrowed by their state."""

    title = _("encoder")
    parameter_name = "encoder"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(encoder.pk), str(encoder)) for encoder in Encoder.objects.order_by("pk")]

    def choices(self, changelist: Any) -> Any:
        first, *rest = super().choices(changelist)
        yield {**first, "display": _("the one that answers")}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


def encoder_shown(request: HttpRequest) -> Q:
    """For encoders: the one that the filter names, else the one that answers."""
    number = request.GET.get(EncoderFilter.parameter_name, "")
    return Q(pk=int(number)) if is_number(number) else Q(is_active=True)


class SimilarForm(forms.Form):
    similar = forms.CharField(label=_("Number of an image"), required=False, max_length=20)


class SimilarFilter(TypedFilter):
    """Its form only: SimilarityList narrows and orders, as it has the page to be shown."""

    title = _("similarity to")
    form_class = SimilarForm

    def narrow(self, queryset: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset
        return found

"""Embeddings, each image's by each encoder."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gallery.admin import say_that_they_wait
from search.admin.reading import ReadOnlyAdmin
from search.models import Embedding
from search.models.embeddings import EmbeddingQuerySet
from search.requesting import retry_failed


@admin.register(Embedding)
class EmbeddingAdmin(ReadOnlyAdmin):
    list_display = ("image", "encoder", "state", "attempts", "error", "changed_at")
    list_select_related = ("image", "encoder")
    list_filter = ("state", "encoder")
    search_fields = ("image__title", "=image__id", "error")
    list_per_page = 50
    ordering = ("-pk",)
    fields = (
        "image",
        "encoder",
        "state",
        "attempts",
        "leased_until",
        "error",
        "precision",
        "source_sha256",
        "changed_at",
    )
    actions = ("retry_failed",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Embedding]:
        return super().get_queryset(request).defer("vector")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("search.change_embedding")

    @admin.action(description=_("Retry failed"), permissions=["retry"])
    def retry_failed(self, request: HttpRequest, embeddings: EmbeddingQuerySet) -> None:
        say_that_they_wait(self, request, retry_failed(embeddings))

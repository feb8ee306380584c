"""What people had measured."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from search.admin.reading import ReadOnlyAdmin
from search.models import Evaluation


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    """What people had measured; its figures are on its page."""

    list_display = ("handle", "labels", "part", "state", "started_by", "created_at", "error")
    list_select_related = ("started_by",)
    list_filter = ("state", "labels")
    ordering = ("-pk",)
    fields = (
        *("encoder_name", "encoder_digest", "labels", "part", "at_least", "k", "votes", "seed"),
        *("started_by", "created_at", "state", "attempts", "error", "seconds"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evaluation]:
        return super().get_queryset(request).defer("found", "samples", "queries")

    def view_on_site(self, evaluation: Evaluation) -> str:
        return evaluation.get_absolute_url()

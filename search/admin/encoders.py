"""Encoders: how far each is, how near its searches are, and which one answers."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from search import ann_index
from search.admin.reading import ReadOnlyAdmin
from search.catalogue import ActivationRefused, WorseEncoder, activate
from search.coverage import coverages
from search.models import Encoder, SearchMeasurement
from search.recall import measure_again


class MeasurementInline(admin.TabularInline):
    """How near and how fast its searches are, with and without filters."""

    model = SearchMeasurement
    fields = readonly_fields = (
        "share",
        "recall_at_20",
        "p50_ms",
        "p95_ms",
        "exact_p50_ms",
        "exact_p95_ms",
        "ef_search",
        "vectors",
        "measured_at",
    )
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EncoderList(ChangeList):
    """A page of encoders, each with its coverage and its index, which are asked for all at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        states, covered = ann_index.states(self.result_list), coverages(self.result_list)
        for encoder in self.result_list:
            encoder.index_state = states[encoder.pk]
            encoder.coverage = covered[encoder.pk]


@admin.register(Encoder)
class EncoderAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "is_active",
        "dimensions",
        "coverage",
        "failed",
        "waiting",
        "state",
        "index",
        "recall",
        "created_at",
    )
    fields = (
        "name",
        "digest",
        "dimensions",
        "is_active",
        "is_being_removed",
        "index",
        "ef_search",
        "created_at",
    )
    ordering = ("-is_active", "-pk")
    inlines = (MeasurementInline,)
    actions = ("activate", "measure_searches")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EncoderList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Encoder]:
        unfiltered = SearchMeasurement.objects.filter(encoder=OuterRef("pk"), share=1)
        measured = Subquery(unfiltered.values("recall_at_20"))
        return Encoder.objects.annotate(recall_at_20=measured)

    @admin.display(description=_("images embedded"))
    def coverage(self, encoder: Any) -> str:
        covered = encoder.coverage
        bar = '<progress value="{}" max="{}"></progress> {}'
        return format_html(bar, covered.ready, covered.images, covered)

    @admin.display(description=_("failed"))
    def failed(self, encoder: Any) -> int:
        return int(encoder.coverage.failed)

    @admin.display(description=_("waiting"))
    def waiting(self, encoder: Any) -> int:
        return int(encoder.coverage.waiting)

    @admin.display(description=_("state"))
    def state(self, encoder: Encoder) -> str:
        if encoder.is_being_removed:
            return gettext("being removed")
        return encoder.obstacle or gettext("loadable")

    def has_activate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("search.change_encoder")

    @admin.display(description=_("index"))
    def index(self, encoder: Any) -> str:
        state = getattr(encoder, "index_state", None) or ann_index.state(encoder)
        if state.progress is not None:
            return gettext("being built: %(share)s") % {"share": f"{state.progress:.0%}"}
        return gettext("answers") if state.is_valid else gettext("none: searches are exact")

    @admin.display(description=_("recall@20"))
    def recall(self, encoder: Any) -> str:
        return "" if encoder.recall_at_20 is None else f"{encoder.recall_at_20:.4f}"

    def has_measure_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("search.change_encoder")

    @admin.action(description=_("Measure searches anew"), permissions=["measure"])
    def measure_searches(self, request: HttpRequest, encoders: QuerySet[Encoder]) -> None:
        measure_again(encoders)
        self.message_user(request, gettext("The searches are being measured; look again soon."))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """`encoders remove` does that: millions of rows are no work for a web request."""
        return False

    @admin.action(description=_("Activate: let it answer"), permissions=["activate"])
    def activate(self, request: HttpRequest, encoders: QuerySet[Encoder]) -> HttpResponse | None:
        if len(encoders) != 1:
            self.message_user(request, gettext("Choose one: one answers."), messages.ERROR)
            return None
        try:
            activate(encoders[0], although_worse="although_worse" in request.POST)
        except WorseEncoder as worse:
            return self.confirm(request, encoders[0], worse)
        except ActivationRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            text = gettext("From now on %(encoder)s answers.")
            self.message_user(request, text % {"encoder": encoders[0]}, messages.SUCCESS)
        return None

    def confirm(self, request: HttpRequest, encoder: Encoder, worse: WorseEncoder) -> HttpResponse:
        """Ask whether the worse one shall answer all the same."""
        ctx = {
            **self.admin_site.each_context(request),
            "title": gettext("A worse encoder?"),
            "opts": self.opts,
            "encoder": encoder,
            "worse": worse,
        }
        return render(request, "admin/search/encoder/confirm.html", ctx)

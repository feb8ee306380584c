"""Search in Django admin: encoders, embeddings, and how each image fares."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.admin import ImageAdmin, WorkInline, picture, say_that_they_wait
from gallery.models import Image, State
from gallery.models.images import ImageQuerySet
from search import ann_index
from search.catalogue import ActivationRefused, WorseEncoder, activate
from search.models import Embedding, Encoder, Evaluation, RelevanceMark, SearchMeasurement
from search.models.embeddings import EmbeddingQuerySet
from search.recall import measure_again
from search.requesting import embed_again, embeddings_of, retry_failed


class EmbeddingStateFilter(admin.SimpleListFilter):
    """By the state of the active encoder's embedding; an image without a row of it waits."""

    title = _("embedding")
    parameter_name = "embedding"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(embedding_state=self.value()) if self.value() else queryset


class EmbeddingInline(WorkInline):
    model = Embedding
    fields = readonly_fields = ("encoder", "state", "attempts", "error", "precision", "changed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Embedding]:
        return super().get_queryset(request).select_related("encoder").defer("vector")


class SearchableImageAdmin(ImageAdmin):
    """The gallery's images, with what search knows of them."""

    list_display = (
        *ImageAdmin.list_display[:3],
        "embedding",
        "reason",
        *ImageAdmin.list_display[3:],
    )
    list_filter = (EmbeddingStateFilter, *ImageAdmin.list_filter)
    actions = ("retry_failed", "embed_again", *ImageAdmin.actions)
    inlines = (*ImageAdmin.inlines, EmbeddingInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        active = Embedding.objects.filter(image=OuterRef("pk"), encoder__is_active=True)
        images: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                embedding_state=Coalesce(active.values("state")[:1], Value(State.PENDING)),
                embedding_error=Coalesce(active.values("error")[:1], Value("", TextField())),
            )
        )
        return images

    @admin.display(description=_("embedding"), ordering="embedding_state")
    def embedding(self, image: Any) -> Any:
        return State(image.embedding_state).label

    @admin.display(description=_("reason of failure"))
    def reason(self, image: Any) -> Any:
        return image.embedding_error

    @admin.action(description=_("Retry failed embeddings"), permissions=["change"])
    def retry_failed(self, request: HttpRequest, images: ImageQuerySet) -> None:
        say_that_they_wait(self, request, retry_failed(embeddings_of(images)))

    @admin.action(description=_("Re-embed"), permissions=["change"])
    def embed_again(self, request: HttpRequest, images: ImageQuerySet) -> None:
        say_that_they_wait(self, request, embed_again(images))


admin.site.unregister(Image)
admin.site.register(Image, SearchableImageAdmin)


class ReadOnlyAdmin(admin.ModelAdmin):
    """What people may look at; the gallery itself writes it."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


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
    """A page of encoders, each with the state of its index, which is asked for all at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        states = ann_index.states(self.result_list)
        for encoder in self.result_list:
            encoder.index_state = states[encoder.pk]


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
        return Encoder.objects.with_coverage().annotate(recall_at_20=measured)

    @admin.display(description=_("images embedded"), ordering="ready")
    def coverage(self, encoder: Encoder) -> str:
        bar = '<progress value="{}" max="{}"></progress> {}'
        return format_html(bar, encoder.ready, encoder.images, encoder.coverage)

    @admin.display(description=_("failed"), ordering="failed")
    def failed(self, encoder: Encoder) -> int:
        return encoder.coverage.failed

    @admin.display(description=_("waiting"))
    def waiting(self, encoder: Encoder) -> int:
        return encoder.coverage.waiting

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


@admin.register(RelevanceMark)
class RelevanceMarkAdmin(ReadOnlyAdmin):
    """Marks to look at; deleting one lets its maker's word count no more."""

    list_display = ("__str__", "image_shown", "result_shown", "is_relevant", "person", "marked_at")
    list_select_related = ("image__rendering", "result__rendering", "person")
    list_filter = ("is_relevant", ("person", admin.RelatedOnlyFieldListFilter))
    list_per_page = 50
    search_fields = ("image__title", "result__title", "=image__id", "=result__id")
    ordering = ("-marked_at", "-pk")
    fields = (
        "image_shown",
        "image",
        "result_shown",
        "result",
        "is_relevant",
        "person",
        "marked_at",
    )

    @admin.display(description=_("image"))
    def image_shown(self, mark: RelevanceMark) -> Any:
        return picture(mark.image, "thumbnail")

    @admin.display(description=_("result"))
    def result_shown(self, mark: RelevanceMark) -> Any:
        return picture(mark.result, "thumbnail")


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

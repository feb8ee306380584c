"""The gallery's images in the admin, with what search knows of them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.admin import ImageAdmin, WorkInline, picture
from gallery.models import Image, State
from search.admin.filters import EmbeddingStateFilter, EncoderFilter, SimilarFilter, encoder_shown
from search.admin.similar import NoExample, SimilarityList, example_of, is_asked
from search.finding import find
from search.models import Embedding, Encoder

# How many of them the page of an image shows.
NEIGHBOURS = 12


class EmbeddingInline(WorkInline):
    model = Embedding
    fields = readonly_fields = ("encoder", "state", "attempts", "error", "precision", "changed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Embedding]:
        return super().get_queryset(request).select_related("encoder").defer("vector")


class SearchableImageAdmin(ImageAdmin):
    """The gallery's images, with what search knows of them."""

    change_list_template = "admin/search/image/change_list.html"
    list_display = (
        *ImageAdmin.list_display[:2],
        "similar",
        *ImageAdmin.list_display[2:],
    )
    list_filter = (SimilarFilter, EmbeddingStateFilter, EncoderFilter, *ImageAdmin.list_filter)
    inlines = (*ImageAdmin.inlines, EmbeddingInline)
    readonly_fields = (*ImageAdmin.readonly_fields, "neighbours")
    fieldsets = (
        *ImageAdmin.fieldsets[:1],
        (_("Nearest images"), {"fields": ("neighbours",)}),
        *ImageAdmin.fieldsets[1:],
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return SimilarityList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """With the distance behind the title, where there is something to be distant from.

        And with the state of the embeddings of an encoder that is asked for.
        """
        columns = list(super().get_list_display(request))
        if EncoderFilter.parameter_name in request.GET:
            columns.insert(columns.index("state") + 1, "embedding")
        if is_asked(request):
            columns.insert(2, "distance")
        return columns

    def get_sortable_by(self, request: HttpRequest) -> Any:
        """Nearest first and no other way, where an example is given."""
        return () if is_asked(request) else super().get_sortable_by(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        encoders = Encoder.objects.filter(encoder_shown(request))
        shown = Embedding.objects.filter(image=OuterRef("pk"), encoder__in=encoders)
        images: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(
                embedding_state=Coalesce(shown.values("state")[:1], Value(State.PENDING)),
            )
        )
        return images

    @admin.display(description=_("distance"))
    def distance(self, image: Any) -> str:
        return f"{image.distance:.4f}"

    @admin.display(description=_("nearest"))
    def neighbours(self, image: Image) -> str:
        """Those that are nearest, whoever owns them: who manages images sees every one."""
        try:
            example = example_of(image, Encoder.objects.active())
        except NoExample as missing:
            return str(missing)
        others = example.others(Image.objects.kept())
        found = find(example.vector, example.encoder, others, limit=NEIGHBOURS).results
        rows = [(picture(near.image, "thumbnail"), near) for near in found]
        ctx = {"rows": rows, "image": image, "encoder": example.encoder}
        return render_to_string("admin/search/image/neighbours.html", ctx)

    @admin.display(description=_("similar"))
    def similar(self, image: Image) -> SafeString:
        address = f"{reverse('admin:gallery_image_changelist')}?similar={image.pk}"
        text = gettext("similar")
        return format_html(
            '<a href="{}" aria-label="{} {}">{}</a>', address, _("similar to"), image, text
        )

    @admin.display(description=_("embedding"), ordering="embedding_state")
    def embedding(self, image: Any) -> Any:
        return State(image.embedding_state).label


admin.site.unregister(Image)
admin.site.register(Image, SearchableImageAdmin)

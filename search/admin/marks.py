"""What people said of results."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from gallery.admin import picture
from search.admin.reading import ReadOnlyAdmin
from search.models import RelevanceMark


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

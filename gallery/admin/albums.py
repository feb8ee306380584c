"""Albums and tags in the admin, each with a way to its images."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _


class GathersImages(admin.ModelAdmin):
    """A list of what people gather images under, with how many each has."""

    gathers_as = ""
    list_select_related = ("owner",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        kept = Count("images", filter=Q(images__trashed_at=None))
        counted: QuerySet[Any] = super().get_queryset(request).annotate(count=kept)
        return counted

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The images under it are its owner's: handed over, it would mix two people's things.
        return ("owner",) if obj else ()

    @admin.display(description=_("images"), ordering="count")
    def images_under(self, gathering: Any) -> SafeString:
        images = reverse("admin:gallery_image_changelist")
        address = f"{images}?{self.gathers_as}__id__exact={gathering.pk}&trash=no"
        return format_html('<a href="{}">{}</a>', address, gathering.count)


class AlbumAdmin(GathersImages):
    gathers_as = "albums"
    list_display = ("title", "owner", "visibility", "images_under", "created_at")
    list_filter = ("visibility", "owner")
    search_fields = ("title", "owner__username")
    fields = ("owner", "title", "visibility", "order", "shared_with")
    autocomplete_fields = ("owner", "shared_with")


class TagAdmin(GathersImages):
    gathers_as = "tags"
    list_display = ("name", "owner", "images_under")
    list_filter = ("owner",)
    search_fields = ("name",)
    fields = ("owner", "name")
    autocomplete_fields = ("owner",)

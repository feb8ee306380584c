"""Albums and tags in the admin, each with a way to its images."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gallery.admin.album_uploads import AlbumUploads
from gallery.admin.filters import OwnerFilter
from gallery.admin.pictures import picture
from gallery.forms import UploadForm
from gallery.imagefile import megabytes
from gallery.models import Album, Image, Tag
from gallery.orders import sorted_in

PAGE_SIZE = 100


class GathersImages(admin.ModelAdmin):
    """A list of what people gather images under, with how many each has."""

    class Media:
        css = {"all": ["gallery/admin.css"]}

    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        kept = Count("images", filter=Q(images__trashed_at=None))
        gatherings = super().get_queryset(request).select_related("owner")
        counted: QuerySet[Any] = gatherings.annotate(count=kept)
        return counted

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # The images under it are its owner's: handed over, it would mix two people's things.
        return ("owner",) if obj else ()

    def filters_for(self, gathering: Any) -> dict[str, Any]:
        """What narrows the list of images to those under it."""
        raise NotImplementedError

    @admin.display(description=_("images"), ordering="count")
    def images_under(self, gathering: Any) -> SafeString:
        images = reverse("admin:gallery_image_changelist")
        address = f"{images}?{urlencode({**self.filters_for(gathering), 'trash': 'no'})}"
        return format_html('<a href="{}">{}</a>', address, gathering.count)


class AlbumAdmin(GathersImages):
    change_form_template = "admin/gallery/album/change_form.html"
    list_display = ("title", "owner", "visibility", "images_under", "created_at")
    list_filter = ("visibility", OwnerFilter)
    search_fields = ("title", "owner__username")
    # Counting under a group leaves the model's own order out.
    ordering = ("title", "pk")
    fields = ("owner", "title", "visibility", "order", "shared_with")
    autocomplete_fields = ("owner", "shared_with")

    def filters_for(self, gathering: Album) -> dict[str, Any]:
        return {"album": gathering.pk}

    def get_urls(self) -> list[URLPattern]:
        uploads = self.admin_site.admin_view(AlbumUploads.as_view())
        return [
            path("<int:pk>/uploads/", uploads, name="gallery_album_uploads"),
            path("<int:pk>/uploads/<int:image>/", uploads, name="gallery_album_upload"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what lies in it, and a place to drop more."""
        album = kwargs.get("obj")
        if album and request.user.has_perm("gallery.view_image"):
            context |= contents_of(album, request.GET.get("page"))
        if album and request.user.has_perms(("gallery.change_album", "gallery.add_image")):
            context |= {
                "upload_form": UploadForm(auto_id="upload-%s"),
                "max_bytes": settings.IMAGE_MAX_BYTES,
                "max_megabytes": megabytes(settings.IMAGE_MAX_BYTES),
            }
        return super().render_change_form(request, context, *args, **kwargs)


def contents_of(album: Album, number: str | None) -> dict[str, Any]:
    """One page of an album's images in their order, each with its thumbnail."""
    images = sorted_in(album, Image.objects.kept().for_tiles())
    page = Paginator(images, PAGE_SIZE).get_page(number)
    pictures = [(image, picture(image, "thumbnail")) for image in page]
    return {"page": page, "pictures": pictures}


class TagAdmin(GathersImages):
    list_display = ("name", "owner", "images_under")
    list_filter = (OwnerFilter,)
    search_fields = ("name",)
    ordering = ("name", "pk")
    fields = ("owner", "name")
    autocomplete_fields = ("owner",)

    def filters_for(self, gathering: Tag) -> dict[str, Any]:
        return {"tag": gathering.name, "owner": gathering.owner.username}

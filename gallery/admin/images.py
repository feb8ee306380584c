"""Images in the admin: looking through them, changing what is said of them, deleting them."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.admin.filters import AlbumFilter, DateFilter, OwnerFilter, TagFilter
from gallery.admin.jobs import WorksInBulk
from gallery.admin.pictures import picture
from gallery.admin.uploading import UploadsImages
from gallery.admin.work import WorkInline
from gallery.forms import TagsField
from gallery.imagefile import SUFFIXES
from gallery.labels import set_tags
from gallery.models import Image, Rendering, State
from gallery.models.images import MOST_STARS
from gallery.states import in_state, with_fate
from gallery.views.files import rendition_among

# How much of its history the page of an image shows.
ENTRIES = 10


class RenderingInline(WorkInline):
    model = Rendering
    verbose_name = verbose_name_plural = _("thumbnail and preview")
    fields = readonly_fields = ("state", "attempts", "error", "changed_at")


class FormatFilter(admin.SimpleListFilter):
    """Django's own would look through all images for the formats there are."""

    title = _("format")
    parameter_name = "format"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in SUFFIXES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        return queryset.filter(format=self.value()) if self.value() else queryset


class StateFilter(admin.SimpleListFilter):
    """By what became of all the work that is done on an image."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Image]:
        return in_state(queryset, self.value() or "") if self.value() in State else queryset


class TrashFilter(admin.SimpleListFilter):
    title = _("trash")
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not in it")), ("yes", _("in it"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        if self.value() in {"no", "yes"}:
            return queryset.filter(trashed_at__isnull=self.value() == "no")
        return queryset


class ImageForm(forms.ModelForm):
    """What an administrator may change: what is said of the image, never its file."""

    tag_names = TagsField(label=_("Tags"), required=False, help_text=_("Separated by commas."))
    rating = forms.IntegerField(
        label=_("Rating"),
        min_value=0,
        max_value=MOST_STARS,
        help_text=Image._meta.get_field("rating").help_text,
    )

    class Meta:
        model = Image
        fields = ("title", "description", "rating", "visibility", "shared_with", "taken_at")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tag_names"] = ", ".join(tag.name for tag in self.instance.tags.all())


class ImageAdmin(WorksInBulk, UploadsImages):
    class Media:
        css = {"all": ["gallery/admin.css"]}

    form = ImageForm
    list_display: tuple[str, ...] = (
        "thumbnail",
        "title",
        "state",
        "reason",
        "owner",
        "visibility",
        "format",
        "size",
        "pixels",
        "created_at",
    )
    list_display_links = ("thumbnail", "title")
    list_filter: ClassVar[tuple[Any, ...]] = (
        "visibility",
        FormatFilter,
        StateFilter,
        AlbumFilter,
        TagFilter,
        OwnerFilter,
        DateFilter,
        TrashFilter,
    )
    list_select_related = ("owner", "rendering")
    list_per_page = 50
    # Counting everything once more beside what was found takes seconds among millions.
    show_full_result_count = False
    search_fields = ("title", "file_name", "tags__name", "^sha256", "=id")
    date_hierarchy = "created_at"
    ordering = ("-pk",)
    autocomplete_fields = ("shared_with",)
    facts = ("owner", "album_titles", "file_name", "format", "size", "pixels", "frames")
    said = ("title", "description", "tag_names", "rating", "visibility", "shared_with", "taken_at")
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "preview",
        *facts,
        "sha256",
        "created_at",
        "trashed_at",
        "history",
    )
    fieldsets: ClassVar[tuple[Any, ...]] = (
        (None, {"fields": ("preview", *said)}),
        (_("Facts"), {"fields": (*facts, "created_at", "trashed_at", "sha256")}),
        (_("History"), {"fields": ("history",)}),
    )
    inlines: ClassVar[tuple[type[WorkInline], ...]] = (RenderingInline,)

    @admin.display(description=_("image"))
    def thumbnail(self, image: Image) -> SafeString | str:
        return picture(image, "thumbnail")

    @admin.display(description=_("image"))
    def preview(self, image: Image) -> SafeString | str:
        return picture(image, "preview")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        images: Any = super().get_queryset(request)
        return with_fate(images)

    @admin.display(description=_("state"), ordering="fate")
    def state(self, image: Image) -> Any:
        return State(image.fate).label

    @admin.display(description=_("reason of failure"))
    def reason(self, image: Image) -> str:
        return gettext(image.failure) if image.failure else ""

    @admin.display(description=_("size"), ordering="byte_size")
    def size(self, image: Image) -> str:
        return filesizeformat(image.byte_size)

    @admin.display(description=_("pixels"))
    def pixels(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description=_("albums"))
    def album_titles(self, image: Image) -> str:
        return ", ".join(album.title for album in image.albums.all()) or "—"

    @admin.display(description=_("changes"))
    def history(self, image: Image) -> str:
        """What was changed last, by itself or among many."""
        of_image = LogEntry.objects.filter(
            content_type=ContentType.objects.get_for_model(Image), object_id=str(image.pk)
        )
        entries = of_image.select_related("user").order_by("-action_time", "-pk")[:ENTRIES]
        ctx = {"image": image, "entries": entries}
        return render_to_string("admin/gallery/image_history.html", ctx)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.rendition)
        address = path("<int:pk>/<str:kind>.jpg", view, name="gallery_image_rendition")
        return [address, *super().get_urls()]

    def rendition(self, request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
        """For whoever manages images: they see every one, whatever its visibility says."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return rendition_among(Image.objects.all(), request, pk, kind)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        set_tags(form.instance, form.cleaned_data["tag_names"])

    def get_deleted_objects(
        self, images: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Only the images: what belongs to them goes along and needs no permission of its own."""
        names = [str(image) for image in images]
        return names, {str(self.opts.verbose_name_plural): len(names)}, set(), []

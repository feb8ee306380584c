"""Files, to those who may see their image. A browser shows them and does nothing else with them."""

from pathlib import PurePath
from typing import IO

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from gallery.filenames import download_name
from gallery.imagefile import MIME_TYPES
from gallery.models import Image, State
from gallery.models.images import ImageQuerySet
from gallery.renditions import KINDS

# What every browser shows as a picture; the rest it gets as a download.
SHOWN_BY_BROWSERS = {"JPEG", "PNG", "WEBP", "GIF", "AVIF"}
HOUR = 3600


@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    image = get_object_or_404(Image.objects.visible_to(request.user), pk=pk)
    etag = f'"{image.sha256}"'
    if unchanged := not_modified(request, etag):
        return unchanged
    response = FileResponse(
        stored(image.stored_name),
        as_attachment="download" in request.GET or image.format not in SHOWN_BY_BROWSERS,
        filename=download_name(image),
        content_type=MIME_TYPES[image.format],
    )
    return sealed(response, etag)


@require_safe
def rendition(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    return rendition_among(Image.objects.visible_to(request.user), request, pk, kind)


def rendition_among(
    images: ImageQuerySet, request: HttpRequest, pk: int, kind: str
) -> HttpResponseBase:
    """The rendition of one of `images`; 404 for any other, and until it is made."""
    if kind not in KINDS:
        raise Http404
    image = get_object_or_404(images.for_tiles(), pk=pk, rendering__state=State.READY)
    etag = f'"{image.sha256}-{kind}-{image.rendering.changed_at.timestamp():.0f}"'
    if unchanged := not_modified(request, etag):
        return unchanged
    response = FileResponse(
        stored(image.rendition_name(kind)),
        as_attachment="download" in request.GET,
        filename=f"{PurePath(download_name(image)).stem}.jpg",
        content_type="image/jpeg",
    )
    return sealed(response, etag)


def not_modified(request: HttpRequest, etag: str) -> HttpResponseBase | None:
    """The answer to a browser that already has this very file."""
    response = get_conditional_response(request, etag=etag)
    return sealed(response, etag) if response else None


def stored(name: str) -> IO[bytes]:
    try:
        return default_storage.open(name)
    except FileNotFoundError:
        raise Http404 from None


def sealed(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    """The response as a picture and nothing else, kept by this person's browser for an hour."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["ETag"] = etag
    patch_cache_control(response, private=True, max_age=HOUR)
    return response

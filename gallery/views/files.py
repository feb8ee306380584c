"""Files, to those who may see their image. A browser shows them and does nothing else with them."""

from pathlib import PurePath
from typing import IO

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from gallery.discretion import DiscreetJpeg, NotUnderstood
from gallery.filenames import download_name
from gallery.imagefile import MIME_TYPES
from gallery.models import Image, State
from gallery.models.camera import camera_facts_of, may_see_places
from gallery.models.images import ImageQuerySet
from gallery.renditions import KINDS

# What every browser shows as a picture; the rest it gets as a download.
SHOWN_BY_BROWSERS = {"JPEG", "PNG", "WEBP", "GIF", "AVIF"}
HOUR = 3600


@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file as it came; to those who may not know where it was taken, a discreet one."""
    images = Image.objects.visible_to(request.user)
    image = get_object_or_404(images.select_related("camera_facts"), pk=pk)
    facts = camera_facts_of(image)
    if facts and facts.may_tell_a_place and not may_see_places(request.user):
        return discreet_original(images, request, image, as_attachment="download" in request.GET)
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


def discreet_original(
    images: ImageQuerySet, request: HttpRequest, image: Image, *, as_attachment: bool
) -> HttpResponseBase:
    """The original, one of `images`, without places: a JPEG, or else its preview."""
    etag = f'"{image.sha256}-discreet"'
    if unchanged := not_modified(request, etag):
        return unchanged
    response = discreet_file(image) or rendition_among(images, request, image.pk, "preview")
    name = f"{PurePath(download_name(image)).stem}.jpg"
    response["Content-Disposition"] = str(content_disposition_header(as_attachment, name))
    return sealed(response, etag)


def discreet_file(image: Image) -> FileResponse | None:
    """The original without places; None for what can't be cleaned without drawing it anew."""
    if image.format != "JPEG":
        return None
    file = stored(image.stored_name)
    try:
        clean = DiscreetJpeg(file)
    except NotUnderstood:
        file.close()
        return None
    response = FileResponse(clean, content_type="image/jpeg")
    response["Content-Length"] = clean.size
    return response


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

"""Upload without JavaScript. With it, the page sends its files to the API one by one."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_required, permission_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

from gallery.forms import UploadForm
from gallery.imagefile import RejectedFile, megabytes
from gallery.ingest import Labels, store_image
from gallery.models import Album, Image, User


class SignedInRequest(HttpRequest):
    """What `login_required` lets through."""

    user: User
    htmx: HtmxDetails


@dataclass(frozen=True)
class Outcome:
    """What became of one file: an image, new or not, or the reason why there is none."""

    name: str
    image: Image | None = None
    is_new: bool = False
    reason: str = ""


@login_required
@permission_required("gallery.add_image", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    outcomes: list[Outcome] = []
    if form.is_valid():
        files = form.cleaned_data["pictures"]
        outcomes = list(store_all(request.user, files, form.labels()))
    ctx = {
        "form": form,
        "outcomes": outcomes,
        "own_albums": Album.objects.filter(owner=request.user),
        "max_bytes": settings.IMAGE_MAX_BYTES,
        "max_megabytes": megabytes(settings.IMAGE_MAX_BYTES),
    }
    return render(request, "gallery/upload.html", ctx)


def store_all(owner: User, files: list[UploadedFile], labels: Labels) -> Iterator[Outcome]:
    """Store each file by itself: one that is rejected leaves the others alone."""
    for file in files:
        try:
            image, is_new = store_image(owner, file, labels)
            yield Outcome(file.name or "", image, is_new)
        except RejectedFile as rejected:
            yield Outcome(file.name or "", reason=str(rejected))

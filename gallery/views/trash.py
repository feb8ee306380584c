"""The trash: what was deleted, to be restored, or to go for good."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gallery.bell import ring_on_commit
from gallery.models import Image
from gallery.models.images import ImageQuerySet
from gallery.tasks import empty_trash
from gallery.views.files import rendition_among
from gallery.views.grid import numbers

PAGE_SIZE = 60


@login_required
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    images = Image.objects.in_trash_of(request.user).for_tiles().last_trashed_first()
    page = Paginator(images, PAGE_SIZE).get_page(request.GET.get("page"))
    ctx = {"page": page, "images": list(page), "days": settings.TRASH_DAYS}
    return render(request, "gallery/trash.html", ctx)


@login_required
@require_safe
def rendition(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    return rendition_among(Image.objects.in_trash_of(request.user), request, pk, kind)


@login_required
@require_POST
def restore(request: HttpRequest) -> HttpResponse:
    count = chosen(request).restore()
    said = ngettext("One picture is restored.", "%(count)s pictures are restored.", count)
    messages.success(request, said % {"count": count})
    return redirect("gallery:trash")


@login_required
@require_POST
def delete_for_good(request: HttpRequest) -> HttpResponse:
    """Ask first, then let the worker delete them."""
    images = chosen(request)
    if "sure" not in request.POST:
        return render(request, "gallery/delete_for_good.html", asked_of(request, images))
    count = images.doom()
    ring_on_commit(empty_trash)
    said = ngettext(
        "One picture is deleted for good.", "%(count)s pictures are deleted for good.", count
    )
    messages.success(request, said % {"count": count})
    return redirect("gallery:trash")


def chosen(request: HttpRequest) -> ImageQuerySet:
    """Those that were ticked, or all that the person may restore."""
    images = Image.objects.in_trash_of(request.user)
    return images if "all" in request.POST else images.filter(pk__in=numbers(request.POST, "pk"))


def asked_of(request: HttpRequest, images: ImageQuerySet) -> dict[str, Any]:
    is_all = "all" in request.POST
    pks = [] if is_all else list(images.values_list("pk", flat=True))
    return {"count": images.count() if is_all else len(pks), "is_all": is_all, "pks": pks}

"""What a shared link opens: one image, or one album, to whoever has it. Nothing beside it is told.

Places are left out: pages do not name them, renditions have no metadata, and an original is a JPEG
without them. Of another format the preview is sent, which is drawn anew.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from gallery.limits import TOO_OFTEN, Door, may_try, was_right
from gallery.models import ShareLink
from gallery.orders import NEWEST, ORDERS, Order
from gallery.sharing_forms import UnlockForm
from gallery.surroundings import surroundings_of
from gallery.views.files import discreet_original, rendition_among
from gallery.visitors import network_of

PAGE_SIZE = 60
UNLOCKED = "unlocked_links"

View = Callable[..., HttpResponseBase]


def by_link(view: View) -> View:
    """The view of what a link opens. 404 for one that is over, or still locked."""

    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        link = open_link(token)
        if is_locked(request, link):
            raise Http404
        response = view(request, link, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened


def open_link(token: str) -> ShareLink:
    links = ShareLink.objects.open().with_token(token)
    return get_object_or_404(links.select_related("owner", "image", "album"))


def is_locked(request: HttpRequest, link: ShareLink) -> bool:
    given = request.session.get(UNLOCKED, {})
    return bool(link.password) and given.get(str(link.pk)) != link.unlocked_mark


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def shared(request: HttpRequest, token: str) -> HttpResponseBase:
    link = open_link(token)
    if is_locked(request, link):
        return unlock(request, link)
    if request.method == "POST":
        return redirect(link.address)
    if link.image_id:
        return shared_image(request, token, link.image_id)
    return shared_album(request, token)


def unlock(request: HttpRequest, link: ShareLink) -> HttpResponse:
    form = UnlockForm(request.POST or None)
    if form.is_valid() and opens(request, link, form):
        given = request.session.get(UNLOCKED, {})
        request.session[UNLOCKED] = {**given, str(link.pk): link.unlocked_mark}
        return redirect(request.path)
    status = HTTPStatus.FORBIDDEN if form.errors else HTTPStatus.OK
    return render(request, "gallery/shared_locked.html", {"form": form}, status=status)


def opens(request: HttpRequest, link: ShareLink, form: UnlockForm) -> bool:
    """Whether the password is right; says why not. Guessing ends as it does at signing in."""
    doors = [Door(f"link|{link.pk}|{network_of(request)}", 10), Door(f"link|{link.pk}", 100)]
    if not may_try(doors):
        form.add_error("password", TOO_OFTEN)
        return False
    if not link.is_password(form.cleaned_data["password"]):
        form.add_error("password", form.WRONG)
        return False
    was_right(doors)
    return True


@by_link
def shared_album(request: HttpRequest, link: ShareLink) -> HttpResponse:
    start = request.GET.get("from", "")
    first = int(start) if start.isdecimal() and len(start) < 10 else 0
    images = list(order_of(link).sort(link.images())[first : first + PAGE_SIZE + 1])
    following = f"?from={first + PAGE_SIZE}" if len(images) > PAGE_SIZE else ""
    ctx = {"link": link, "images": images[:PAGE_SIZE], "following": following}
    return render(request, "gallery/shared_album.html", ctx)


@never_cache
@require_safe
@by_link
def shared_image(request: HttpRequest, link: ShareLink, pk: int) -> HttpResponse:
    image = get_object_or_404(link.images().select_related("camera_facts"), pk=pk)
    surroundings = surroundings_of(image, link.images(), order_of(link))
    ctx = {"link": link, "image": image, "surroundings": surroundings}
    return render(request, "gallery/shared_image.html", ctx)


def order_of(link: ShareLink) -> Order:
    return ORDERS[link.album.order if link.album else NEWEST]


@require_safe
@by_link
def shared_rendition(request: HttpRequest, link: ShareLink, pk: int, kind: str) -> HttpResponseBase:
    return rendition_among(link.images(), request, pk, kind)


@require_safe
@by_link
def shared_file(request: HttpRequest, link: ShareLink, pk: int) -> HttpResponseBase:
    image = get_object_or_404(link.images(), pk=pk)
    return discreet_original(link.images(), request, image, as_attachment=True)

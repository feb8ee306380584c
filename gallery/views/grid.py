"""The grid: everything a person may see, newest first."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery.favourites import mark_favourites
from gallery.forms import ImageFilterForm
from gallery.models import Image
from gallery.models.images import ImageQuerySet

PAGE_SIZE = 60
MOST_DIGITS = 19


@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    form = ImageFilterForm(request.GET, user=request.user)
    images = Image.objects.none()
    if form.is_valid():
        images = form.narrow(Image.objects.visible_to(request.user).for_tiles().newest_first())
    page, until = page_until(images, request.GET.get("until", ""))
    mark_favourites(request.user, page)
    ctx = {"form": form, "images": page, "until": until, "chips": list(form.chips())}
    ctx["album"] = form.album_shown() if form.is_valid() else None
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.BAD_REQUEST
    return render(request, "gallery/grid.html", ctx, status=status)


@require_safe
def tiles(request: HttpRequest) -> HttpResponse:
    """The tiles that a grid still waits for: those that are done replace their placeholders."""
    wanted = numbers(request.GET, "pk")[:PAGE_SIZE]
    images = Image.objects.visible_to(request.user).for_tiles().filter(pk__in=wanted)
    mark_favourites(request.user, images)
    return render(request, "gallery/_tiles.html", {"images": images})


def page_until(images: ImageQuerySet, until: str) -> tuple[list[Image], int | None]:
    """One page of images older than `until`, and where the next one begins, if there is one."""
    if is_number(until):
        images = images.filter(pk__lt=int(until))
    page = list(images[: PAGE_SIZE + 1])
    more = len(page) > PAGE_SIZE
    return page[:PAGE_SIZE], page[PAGE_SIZE - 1].pk if more else None


def numbers(data: QueryDict, name: str) -> list[int]:
    return [int(value) for value in data.getlist(name) if is_number(value)]


def is_number(text: str) -> bool:
    """Whether `text` is a whole number that a primary key could be."""
    return text.isdecimal() and len(text) < MOST_DIGITS

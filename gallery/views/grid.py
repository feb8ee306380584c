"""The grid: everything a person may see, in an order of theirs."""

from datetime import date
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from gallery.favourites import mark_favourites
from gallery.grid_form import GridForm
from gallery.models import Album, Image, SmartAlbum, State
from gallery.models.images import ImageQuerySet, Person
from gallery.suggestions import completions, suggestions_for
from gallery.timeline import days_of, years_of

PAGE_SIZE = 60
MOST_DIGITS = 19
# In characters.
MOST_TYPED = 100
MOST_TAGS = 2000


@require_safe
@vary_on_headers("HX-Request")
def grid(request: HttpRequest) -> HttpResponse:
    """The page; asked for by htmx, only the part of the list that is missing in it."""
    form = GridForm(request.GET, user=request.user)
    if not form.is_valid():
        ctx = {"form": form, "chips": list(form.chips())}
        return render(request, "gallery/grid.html", ctx, status=HTTPStatus.BAD_REQUEST)
    images = form.narrow(Image.objects.visible_to(request.user))
    if request.htmx:  # type: ignore[attr-defined] # by its middleware
        ctx = part_of(form, images, form.day_before())
        # The page that asks has both ends of its list already, but for the new one.
        del ctx["until" if "since" in request.GET else "since"]
        return render(request, "gallery/_part.html", ctx)
    ctx = part_of(form, images)
    ctx["years"] = years_of(images, form.order)
    if form.smart_album:
        ctx |= facts_of(form.smart_album, images, request.user)
    elif album := form.album_shown():
        held = Image.objects.visible_to(request.user).in_albums(Album.objects.filter(pk=album.pk))
        ctx |= facts_of(album, held, request.user)
    ctx["chips"] = list(form.chips())
    return render(request, "gallery/grid.html", ctx)


def part_of(form: GridForm, images: ImageQuerySet, before: date | None = None) -> dict[str, Any]:
    """What the list shows of these images: its tiles, and the places behind and before them.

    `before` is the day whose heading stands above them already.
    """
    order = form.order
    page = form.page_of(images.for_tiles(), PAGE_SIZE)
    shown = list(page.images)
    mark_favourites(form.user, shown)
    for image in shown:
        image.place = order.place_of(image)
    return {
        "form": form,
        "images": shown,
        "list_query": form.list_query(),
        "days": list(days_of(shown, order, before)),
        "until": shown[-1].place if shown and page.follows else None,
        "since": shown[0].place if shown and page.precedes else None,
    }


def facts_of(album: Album | SmartAlbum, held: ImageQuerySet, user: Person) -> dict[str, Any]:
    """What stands above an album; its owner is told who sees it."""
    facts: dict[str, Any] = {"album": album, "count": held.count()}
    if album.owner == user:
        facts["people"] = album.shared_with.order_by("username")
        if isinstance(album, Album):
            facts["links"] = album.share_links.open().count()
    return facts


@require_safe
def tiles(request: HttpRequest) -> HttpResponse:
    """The tiles that a grid still waits for: those that are done replace their placeholders."""
    wanted = numbers(request.GET, "pk")[:PAGE_SIZE]
    images = Image.objects.visible_to(request.user).for_tiles().filter(pk__in=wanted)
    mark_favourites(request.user, images)
    prepared = [image for image in images if image.rendering.state != State.PENDING]
    return render(request, "gallery/_tiles.html", {"images": images, "prepared": prepared})


def numbers(data: QueryDict, name: str) -> list[int]:
    return [int(value) for value in data.getlist(name) if is_number(value)]


def is_number(text: str) -> bool:
    """Whether `text` is a whole number that a primary key could be."""
    return text.isdecimal() and len(text) < MOST_DIGITS


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """What the search field offers for what was typed so far."""
    ctx = {"suggestions": list(suggestions_for(request.user, typed(request, "q")))}
    return render(request, "gallery/_suggestions.html", ctx)


@require_safe
def tag_suggestions(request: HttpRequest) -> HttpResponse:
    """What a field for tags offers for the one that is typed; `others` are in it already."""
    others = typed(request, "others", MOST_TAGS).split(",")
    ctx = {"tags": completions(request.user, typed(request, "q"), others)}
    return render(request, "gallery/_tag_suggestions.html", ctx)


def typed(request: HttpRequest, name: str, most: int = MOST_TYPED) -> str:
    return request.GET.get(name, "").replace("\0", "")[:most]

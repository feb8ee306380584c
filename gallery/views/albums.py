"""Albums, as ways into the grid, and what their owners say of them."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gallery.album_forms import AlbumForm, MoveForm, possible_covers
from gallery.bulk import change, keys
from gallery.models import Album, BulkChange, Image, State, User
from gallery.models.images import AlbumOrder, ImageQuerySet
from gallery.orders import sorted_in
from gallery.placing import GoneNeighbour, place_of
from gallery.smart_albums import smart_cards
from gallery.views.back import redirect_back
from gallery.views.bulk import selected
from gallery.views.grid import numbers
from gallery.views.uploading import SignedInRequest

# Any other is made one from its own page.
MOST_COVERS = 60


@require_safe
def albums(request: HttpRequest) -> HttpResponse:
    held = Album.objects.visible_to(request.user).for_cards(request.user)
    albums: list[Any] = [*held, *smart_cards(request.user)]
    albums.sort(key=lambda album: album.title.casefold())
    covers = Image.objects.in_bulk([album.cover for album in albums if album.cover])
    cards = [(album, covers.get(album.cover or 0)) for album in albums]
    return render(request, "gallery/albums.html", {"cards": cards})


def own_album(user: User, pk: int) -> Album:
    return get_object_or_404(Album.objects.filter(owner=user).select_related("owner"), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest, pk: int) -> HttpResponse:
    album = own_album(request.user, pk)
    form = AlbumForm(request.POST or None, instance=album)
    if form.is_valid():
        form.save()
        messages.success(request, _("Your changes are saved."))
        return redirect(album)
    ctx = {"album": album, "form": form, "covers": covers_offered(album)}
    return render(request, "gallery/album_settings.html", ctx)


def covers_offered(album: Album) -> list[Image]:
    """The first images of the album, and before them the chosen cover if it is none of these."""
    possible = sorted_in(album, possible_covers(album).for_tiles())
    offered = list(possible.filter(rendering__state=State.READY)[:MOST_COVERS])
    chosen = possible.filter(pk=album.chosen_cover_id or 0)
    return [*(image for image in chosen if image not in offered), *offered]


@login_required
@require_POST
def use_as_cover(request: SignedInRequest, pk: int) -> HttpResponse:
    album = own_album(request.user, pk)
    image = get_object_or_404(possible_covers(album), pk__in=numbers(request.POST, "image")[:1])
    Album.objects.filter(pk=album.pk).update(chosen_cover=image)
    messages.success(request, _("It is the cover of “%(album)s” now.") % {"album": album})
    return redirect_back(request, album.get_absolute_url())


@login_required
@require_POST
def move(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the chosen images elsewhere; asked for by a script, only the message that tells where."""
    ordered = Album.objects.filter(owner=request.user, order=AlbumOrder.HAND)
    album = get_object_or_404(ordered, pk=pk)
    form = MoveForm(request.POST)
    images = sorted_in(album, selected(request))
    if not form.is_valid():
        messages.error(request, _("Say to which place."))
    elif not images.exists():
        messages.info(request, _("Choose some pictures first."))
    else:
        spot = form.spot(album, keys(images), request.user)
        try:
            _outcome, undoable = change(
                request.user, "move", images, {"album": album, "spot": spot}
            )
        except GoneNeighbour:
            return HttpResponse(status=HTTPStatus.CONFLICT)
        tell_place(request, album, images, undoable)
    if request.htmx:
        return render(request, "_messages.html", {"back": request.POST.get("next", "")})
    return redirect_back(request, album.get_absolute_url())


def tell_place(
    request: SignedInRequest, album: Album, images: ImageQuerySet, undoable: BulkChange | None
) -> None:
    moved = keys(images)
    place, among = place_of(album, moved[0], request.user)
    text = ngettext(
        "Moved to place %(place)d of %(among)d.",
        "%(count)d pictures are moved: the first is at place %(place)d of %(among)d.",
        len(moved),
    ) % {"place": place, "among": among, "count": len(moved)}
    messages.success(request, text, f"undo:{undoable.pk}" if undoable else "")

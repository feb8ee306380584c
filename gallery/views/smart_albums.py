"""Smart albums: a filter of the grid, kept under a title."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gallery.album_forms import SmartAlbumForm
from gallery.grid_form import GridForm
from gallery.models import BulkChange, SmartAlbum, User
from gallery.views.uploading import SignedInRequest


def own_smart_album(user: User, pk: int) -> SmartAlbum:
    return get_object_or_404(SmartAlbum.objects.filter(owner=user), pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def save_as_album(request: SignedInRequest) -> HttpResponse:
    """Ask for the title of what the grid was narrowed to; its address has the filters."""
    filters = GridForm(request.POST or request.GET, user=request.user)
    return settings_page(request, SmartAlbum(owner=request.user), filters)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest, pk: int) -> HttpResponse:
    album = own_smart_album(request.user, pk)
    filters = GridForm(request.POST or album.filters, user=request.user)
    return settings_page(request, album, filters)


def settings_page(request: SignedInRequest, album: SmartAlbum, filters: GridForm) -> HttpResponse:
    form = SmartAlbumForm(request.POST or None, instance=album, filters=filters)
    if form.is_valid():
        messages.success(request, _("“%(album)s” is saved.") % {"album": form.keep()})
        return redirect(album)
    ctx = {"album": album, "form": form, "filters": filters}
    return render(request, "gallery/smart_album_settings.html", ctx)


@login_required
@require_POST
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Nobody is asked first, as it can be undone, and as no picture goes with it."""
    album = own_smart_album(request.user, pk)
    before = {
        "title": album.title,
        "visibility": album.visibility,
        "filters": album.filters,
        "shared_with": list(album.shared_with.values_list("pk", flat=True)),
    }
    undoable = BulkChange.objects.create(
        person=request.user, action="delete_smart_album", before=before
    )
    album.delete()
    text = _("The smart album “%(album)s” is deleted; its pictures stay.") % {"album": album}
    messages.success(request, text, f"undo:{undoable.pk}")
    return redirect("gallery:albums")

"""One image: its page, its facts, its end."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gallery.bulk import change
from gallery.favourites import mark_favourites
from gallery.forms import ImageForm
from gallery.grid_form import GridForm
from gallery.models import Album, Image
from gallery.surroundings import surroundings_of
from gallery.views.files import SHOWN_BY_BROWSERS
from gallery.views.uploading import SignedInRequest


@require_safe
def image(request: HttpRequest, pk: int) -> HttpResponse:
    images = Image.objects.visible_to(request.user).for_tiles()
    image = get_object_or_404(images, pk=pk)
    mark_favourites(request.user, [image])
    form = GridForm(request.GET, user=request.user)
    surroundings = None
    if form.is_valid():
        listed = form.narrow(Image.objects.visible_to(request.user))
        surroundings = surroundings_of(image, listed, form.order)
    albums = Album.objects.visible_to(request.user).filter(images=image)
    looked_at = form.album_shown()
    ctx = {
        "image": image,
        "is_owner": image.owner == request.user,
        "albums": albums,
        "album": looked_at if looked_at in albums else None,
        "tags": image.tags.values_list("name", flat=True),
        "surroundings": surroundings,
        "list_query": form.list_query(),
        "is_shown_whole": image.format in SHOWN_BY_BROWSERS and image.frames == 1,
        "shared_with": image.shared_with.order_by("username"),
    }
    return render(request, "gallery/image.html", ctx)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_object_or_404(Image.objects.editable_by(request.user), pk=pk)
    form = ImageForm(request.POST or None, instance=image)
    list_query = GridForm(request.GET, user=request.user).list_query()
    if form.is_valid():
        form.keep()
        messages.success(request, _("Your changes are saved."))
        return redirect(f"{image.get_absolute_url()}{list_query}")
    ctx = {
        "image": image,
        "form": form,
        "own_albums": Album.objects.filter(owner=image.owner),
        "list_query": list_query,
    }
    return render(request, "gallery/edit.html", ctx)


@login_required
@require_POST
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put the image into the trash, from where it can be restored: nobody is asked first."""
    image = get_object_or_404(Image.objects.editable_by(request.user), pk=pk)
    _outcome, undoable = change(request.user, "trash", Image.objects.filter(pk=image.pk), {})
    text = _("“%(title)s” is in the trash.") % {"title": image}
    messages.success(request, text, f"undo:{undoable.pk}" if undoable else "")
    return redirect("gallery:grid")

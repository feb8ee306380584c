"""One image: its page, its facts, its end."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gallery.bulk import change
from gallery.favourites import mark_favourites
from gallery.forms import ImageForm, ReplaceForm
from gallery.grid_form import GridForm
from gallery.imagefile import RejectedFile
from gallery.models import Album, Image, ShareLink
from gallery.models.camera import may_see_places
from gallery.replacing import replace_file, seen_other
from gallery.states import with_fate
from gallery.surroundings import surroundings_of
from gallery.views.files import SHOWN_BY_BROWSERS
from gallery.views.uploading import SignedInRequest


@require_safe
def image(request: HttpRequest, pk: int) -> HttpResponse:
    images = Image.objects.visible_to(request.user).for_tiles().select_related("camera_facts")
    image = get_object_or_404(with_fate(images), pk=pk)
    is_owner = image.owner == request.user
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
        "is_owner": is_owner,
        "may_edit": Image.objects.editable_by(request.user).filter(pk=image.pk).exists(),
        "links": ShareLink.objects.showing(image).for_list() if is_owner else [],
        "twins": Image.objects.visible_to(request.user).same_bytes_as(image).for_tiles(),
        "albums": albums,
        "album": looked_at if looked_at in albums else None,
        "tags": image.tags.values_list("name", flat=True),
        "surroundings": surroundings,
        "list_query": form.list_query(),
        "is_shown_whole": image.format in SHOWN_BY_BROWSERS and image.frames == 1,
        "shows_place": may_see_places(request.user),
        "shared_with": image.shared_with.order_by("username"),
    }
    return render(request, "gallery/image.html", ctx)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_object_or_404(Image.objects.editable_by(request.user), pk=pk)
    form = ImageForm(request.POST or None, instance=image)
    if form.is_valid():
        form.keep()
        messages.success(request, _("Your changes are saved."))
        return redirect(f"{image.get_absolute_url()}{list_query(request)}")
    return render_editing(request, image, form=form)


@login_required
@permission_required("gallery.add_image", raise_exception=True)
@require_POST
def replace(request: SignedInRequest, pk: int) -> HttpResponse:
    image = get_object_or_404(Image.objects.editable_by(request.user), pk=pk)
    form = ReplaceForm(request.POST, request.FILES)
    if not form.is_valid():
        return render_editing(request, image, replace_form=form)
    try:
        is_new = replace_file(image, form.cleaned_data["file"])
    except RejectedFile as rejected:
        form.add_error("file", str(rejected))
        other = seen_other(request.user, rejected)
        return render_editing(request, image, replace_form=form, other=other)
    said = _("The picture has its new file.") if is_new else _("It has this very file already.")
    messages.success(request, said)
    return redirect(f"{image.get_absolute_url()}{list_query(request)}")


def list_query(request: HttpRequest) -> str:
    return GridForm(request.GET, user=request.user).list_query()


def render_editing(request: HttpRequest, image: Image, **ctx: Any) -> HttpResponse:
    ctx.setdefault("form", ImageForm(instance=image))
    ctx.setdefault("replace_form", ReplaceForm())
    ctx |= {
        "image": image,
        "own_albums": Album.objects.filter(owner=image.owner),
        "list_query": list_query(request),
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

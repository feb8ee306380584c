"""Sharing an image or an album of one's own: with people here, and by links."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gallery.models import Album, Image, ShareLink, User
from gallery.sharing_forms import LinkForm, ShareForm
from gallery.views.uploading import SignedInRequest

KINDS = ("images", "albums")


def own(user: User, kind: str, pk: int) -> Image | Album:
    if kind == "images":
        return get_object_or_404(Image.objects.kept().owned_by(user).for_tiles(), pk=pk)
    return get_object_or_404(Album.objects.filter(owner=user), pk=pk)


@login_required
@never_cache
@require_safe
def share(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    return render_sharing(request, kind, own(request.user, kind, pk))


@login_required
@require_POST
def share_with(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    target = own(request.user, kind, pk)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return render_sharing(request, kind, target, form=form)
    people = [person for person in form.cleaned_data["people"] if person != request.user]
    target.shared_with.add(*people)
    names = ", ".join(map(str, people))
    messages.success(request, _("Shared with %(names)s.") % {"names": names})
    return redirect("gallery:share", kind, pk)


@login_required
@require_POST
def unshare(request: SignedInRequest, kind: str, pk: int, person: int) -> HttpResponse:
    target = own(request.user, kind, pk)
    target.shared_with.remove(get_object_or_404(target.shared_with, pk=person))
    messages.success(request, _("It is no longer shared with them."))
    return redirect("gallery:share", kind, pk)


@login_required
@require_POST
def make_link(request: SignedInRequest, kind: str, pk: int) -> HttpResponse:
    target = own(request.user, kind, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return render_sharing(request, kind, target, link_form=form)
    form.issue_for(target)
    messages.success(request, _("Here is the link: whoever has it can look."))
    return redirect("gallery:share", kind, pk)


@login_required
@require_POST
def revoke_link(request: SignedInRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(ShareLink.objects.filter(owner=request.user), pk=pk)
    link.delete()
    messages.success(request, _("The link is revoked: it opens nothing any more."))
    if link.image_id:
        return redirect("gallery:share", "images", link.image_id)
    return redirect("gallery:share", "albums", link.album_id)


def render_sharing(
    request: SignedInRequest, kind: str, target: Image | Album, **ctx: Any
) -> HttpResponse:
    ctx.setdefault("form", ShareForm())
    ctx.setdefault("link_form", LinkForm())
    links = ShareLink.objects.filter(owner=request.user, **{kind.removesuffix("s"): target})
    ctx |= {
        "kind": kind,
        "target": target,
        "shared_with": target.shared_with.order_by("username"),
        "links": [(link, request.build_absolute_uri(link.address)) for link in links.for_list()],
    }
    return render(request, "gallery/share.html", ctx)

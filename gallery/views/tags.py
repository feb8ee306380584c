"""Tags, as ways into the grid, and what people make of their own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from gallery.models import Tag
from gallery.retagging import own_under
from gallery.tag_forms import TagForm
from gallery.tag_tree import tag_tree
from gallery.views.uploading import SignedInRequest

SAID = {
    "rename": _("“%(name)s” is called “%(new_name)s” now."),
    "merge": _("“%(name)s” is merged into “%(new_name)s”."),
    "delete": _("“%(name)s” is deleted; its pictures stay."),
}


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    return render(request, "gallery/tags.html", {"tags": tag_tree(request.user)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest) -> HttpResponse:
    """Rename, merge or delete the tag that the address names, with those below it."""
    name = request.GET.get("name", "").replace("\0", "")
    below = list(own_under(request.user, name))
    if not below:
        raise Http404
    form = TagForm(request.POST or None, user=request.user, name=name, initial={"new_name": name})
    if form.is_valid():
        undoable = form.apply()
        said = {**form.cleaned_data, "name": name}
        messages.success(request, SAID[said["action"]] % said, f"undo:{undoable.pk}")
        return redirect("gallery:tags")
    ctx = {
        "name": name,
        "form": form,
        "below": [tag for tag in below if tag.name.lower() != name.lower()],
        "own_tags": Tag.objects.filter(owner=request.user),
    }
    return render(request, "gallery/change_tag.html", ctx)

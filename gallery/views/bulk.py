"""What is done with many images at once, and undone from the message that tells it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.response import StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gallery.bulk import Outcome, change, keys
from gallery.forms import TagsField
from gallery.grid_form import GridForm
from gallery.models import Album, BulkChange, Image, Visibility
from gallery.models.images import MOST_STARS, ImageQuerySet
from gallery.renditions import KINDS
from gallery.undoing import undo as undo_change
from gallery.views.back import redirect_back
from gallery.views.grid import is_number, numbers
from gallery.views.uploading import SignedInRequest
from gallery.zipping import zip_of

# As many as a question may have.
MOST_EXAMPLES = 100
SAID = {
    "tag": ngettext_lazy("%(count)d picture is tagged.", "%(count)d pictures are tagged.", "count"),
    "untag": ngettext_lazy(
        "The tags are taken off %(count)d picture.",
        "The tags are taken off %(count)d pictures.",
        "count",
    ),
    "add_to_album": ngettext_lazy(
        "%(count)d picture is put into the album.",
        "%(count)d pictures are put into the album.",
        "count",
    ),
    "remove_from_album": ngettext_lazy(
        "%(count)d picture is taken out of the album.",
        "%(count)d pictures are taken out of the album.",
        "count",
    ),
    "like": ngettext_lazy(
        "%(count)d picture is a new favourite.", "%(count)d pictures are new favourites.", "count"
    ),
    "unlike": ngettext_lazy(
        "%(count)d picture is no favourite any more.",
        "%(count)d pictures are no favourites any more.",
        "count",
    ),
    "set_visibility": ngettext_lazy(
        "%(count)d picture is seen by others than before.",
        "%(count)d pictures are seen by others than before.",
        "count",
    ),
    "set_date": ngettext_lazy(
        "%(count)d picture has a new date.", "%(count)d pictures have a new date.", "count"
    ),
    "rate": ngettext_lazy("%(count)d picture is rated.", "%(count)d pictures are rated.", "count"),
    "trash": ngettext_lazy(
        "%(count)d picture is in the trash.", "%(count)d pictures are in the trash.", "count"
    ),
}
NEEDS = {
    "tag": "tags",
    "untag": "tags",
    "add_to_album": "album",
    "remove_from_album": "album",
    "set_visibility": "visibility",
    "set_date": "taken_at",
    "rate": "rating",
}


class BulkForm(forms.Form):
    """What is to be done with the chosen images; each action has its own field, or none."""

    action = forms.ChoiceField(choices=[(name, name) for name in (*SAID, "similar", "download")])
    tags = TagsField(label=gettext_lazy("Tags"), required=False)
    album = forms.CharField(label=gettext_lazy("Album"), required=False, max_length=200)
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visible to"), required=False, choices=Visibility
    )
    taken_at = forms.DateTimeField(label=gettext_lazy("Taken"), required=False)
    rating = forms.IntegerField(
        label=gettext_lazy("Stars"), required=False, min_value=0, max_value=MOST_STARS
    )
    kind = forms.ChoiceField(required=False, choices=[(name, name) for name in KINDS])

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        needed = NEEDS.get(said.get("action", ""), "")
        if needed and not self.errors and said[needed] in (None, "", []):
            self.add_error(needed, _("Say which."))
        return said


@login_required
@require_POST
def bulk(request: SignedInRequest) -> HttpResponseBase:
    form = BulkForm(request.POST)
    images = selected(request)
    if not form.is_valid():
        for name, texts in form.errors.items():
            messages.error(request, f"{form[name].label}: {' '.join(map(str, texts))}")
    elif not images.exists():
        messages.info(request, _("Choose some pictures first."))
    elif form.cleaned_data["action"] == "similar":
        return redirect(similar_to(in_their_order(request, images)))
    elif form.cleaned_data["action"] == "download":
        return download(in_their_order(request, images), form.cleaned_data["kind"])
    else:
        action = form.cleaned_data["action"]
        tell(request, action, *change(request.user, action, images, form.cleaned_data))
    return redirect_back(request, reverse("gallery:grid"))


def selected(request: HttpRequest) -> ImageQuerySet:
    """What was ticked, or all of the list that was looked at."""
    if "all" in request.POST:
        return listed(request)
    chosen = [*numbers(request.POST, "pk"), *numbers_in_list(request.POST)]
    return Image.objects.visible_to(request.user).filter(pk__in=chosen)


def listed(request: HttpRequest) -> ImageQuerySet:
    """The list that was looked at, in its order; none where it was no list."""
    form = GridForm(QueryDict(request.POST.get("list", "")), user=request.user)
    if not form.is_valid():
        return Image.objects.none()
    return form.order.sort(form.narrow(Image.objects.visible_to(request.user)))


def in_their_order(request: HttpRequest, images: ImageQuerySet) -> list[int]:
    """The chosen images as the list shows them, then by number those that left it meanwhile."""
    if "all" in request.POST:
        return keys(images)
    chosen = sorted(keys(images))
    shown = keys(listed(request).filter(pk__in=chosen))
    return list(dict.fromkeys([*shown, *chosen]))


def numbers_in_list(data: QueryDict) -> list[int]:
    """Many thousands come with commas between them, as one field."""
    return [int(text) for text in data.get("pks", "").split(",") if is_number(text)]


def tell(request: HttpRequest, action: str, outcome: Outcome, undoable: BulkChange | None) -> None:
    """Say what was done, with the way to undo it, and what was not."""
    text = str(SAID[action] % {"count": outcome.changed})
    if outcome.refused:
        refused = ngettext(
            "%(count)d is not yours to change and stays as it was.",
            "%(count)d are not yours to change and stay as they were.",
            outcome.refused,
        )
        text = f"{text} {refused % {'count': outcome.refused}}"
    level = messages.SUCCESS if outcome.changed or not outcome.refused else messages.WARNING
    messages.add_message(request, level, text, f"undo:{undoable.pk}" if undoable else "")


def similar_to(images: list[int]) -> str:
    examples = ",".join(map(str, images[:MOST_EXAMPLES]))
    return f"{reverse('search:search')}?positive={examples}"


def download(images: list[int], kind: str) -> HttpResponseBase:
    name = f"Lookalike {timezone.localdate().isoformat()}.zip"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(
        zip_of(images, kind), content_type="application/zip", headers=headers
    )


@login_required
@require_POST
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    found = BulkChange.objects.undoable_by(request.user).filter(pk=pk).first()
    if found and undo_change(found):
        messages.success(request, _("It is undone."))
    else:
        messages.info(request, _("This can’t be undone any more, or it is already."))
    return redirect_back(request, reverse("gallery:grid"))


@login_required
@require_safe
def own_albums(request: SignedInRequest) -> HttpResponse:
    """What the field for an album suggests."""
    ctx = {"own_albums": Album.objects.filter(owner=request.user)}
    return render(request, "gallery/_own_albums.html", ctx)

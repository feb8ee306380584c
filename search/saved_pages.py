"""The pages at /searches/: what somebody keeps looking for, and what is new of it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gallery.favourites import mark_favourites
from gallery.models import User
from gallery.views.uploading import SignedInRequest
from search.models import SavedSearch
from search.models.saved import SavedSearchQuerySet
from search.naming import KeepForm, NameForm
from search.news import look, new_images, remember, watched
from search.pages import query_string, sent_picture
from search.queries import nearest, tell_shares
from search.questions import ExamplesForm, examples_in, joined
from search.saved_cards import cards
from search.saving import AskedAgain, GoneQuestion, ask_again, asked_in, asks_nothing, keep


@login_required
@require_safe
def searches(request: SignedInRequest) -> HttpResponse:
    saved = SavedSearch.objects.owned_by(request.user)
    ctx = {"cards": list(cards(request.user, saved))}
    return render(request, "search/saved_searches.html", ctx)


@login_required
@require_POST
def save(request: SignedInRequest) -> HttpResponse:
    """Save the question that a page with results sends along, and lead to it."""
    form = KeepForm(request.POST, instance=SavedSearch(owner=request.user))
    asked = ExamplesForm(joined(request.POST), user=request.user)
    if form.is_valid() and asked.is_valid():
        query = form.cleaned_data["query"]
        if not asks_nothing(asked, query):
            return redirect(keep(request.user, form.cleaned_data["name"], asked, query))
        form.add_error(None, _("Choose at least one picture that it shall be like."))
    ctx = {"form": form, "asked": asked, "carried": asked_in(asked)}
    return render(request, "search/save.html", ctx, status=HTTPStatus.BAD_REQUEST)


@login_required
@require_safe
def saved(request: SignedInRequest, pk: int) -> HttpResponse:
    """The answer with what is new before all else. Opening it is looking at it."""
    saved = get_object_or_404(own(request.user).to_ask(), pk=pk)
    card = next(cards(request.user, [saved]))
    ctx = {"saved": saved, "card": card, "chips": card.chips, "looked_at": saved.looked_at}
    try:
        asked = ask_again(saved, **page_in(request.GET))
    except GoneQuestion as gone:
        return render(request, "search/saved.html", {**ctx, "gone": str(gone)})
    return render(request, "search/saved.html", {**ctx, **answered(saved, asked)})


def page_in(data: QueryDict) -> dict[str, str]:
    """Which part of the answer an address means, and what is opened of it."""
    return {name: data.get(name, "") for name in ("place", "open")}


def answered(saved: SavedSearch, asked: AskedAgain) -> dict[str, Any]:
    """What is new, then the rest of the answer page by page."""
    new = []
    if asked.query.vector is not None and not asked.form.cleaned_data["place"]:
        now = look(saved, asked)
        remember(saved, now)
        new = now.shown_of(saved.shown)
        tell_shares(new, asked.encoder.known_scale)
    without = [*asked.query.examples, *saved.shown]
    rest = nearest(
        asked.query, asked.encoder, without, saved.owner, asked.form, bounds=asked.bounds
    )
    mark_favourites(saved.owner, [*(one.image for one in new), *rest.images])
    again = asked.query.get_absolute_url() if saved.question else reverse("search:search")
    return {
        "new": new,
        "neighbours": rest,
        "asked": asked,
        "watched": watched(asked),
        "is_translated": asked.is_translated,
        "again": f"{again}{query_string(saved.asked)}",
        "unfiltered": f"{again}{query_string(examples_in(saved.asked) or {'place': ''})}",
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: SignedInRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(own(request.user).select_related("owner"), pk=pk)
    form = NameForm(request.POST or None, instance=saved)
    if form.is_valid():
        form.save()
        return redirect(saved)
    return render(request, "search/rename.html", {"form": form, "saved": saved})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(own(request.user), pk=pk)
    if request.method == "POST":
        saved.delete()
        messages.success(request, _("“%(name)s” is deleted.") % {"name": saved.name})
        return redirect("search:saved_searches")
    return render(request, "search/delete.html", {"saved": saved})


@login_required
@require_safe
def picture(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The picture that is asked with, where it was sent for that."""
    saved = get_object_or_404(own(request.user).exclude(file_name=""), pk=pk)
    return sent_picture(request, saved.file_name)


@require_safe
@never_cache
def news_count(request: HttpRequest) -> HttpResponse:
    """How many pictures are new in all of somebody's searches: what the header asks for."""
    ctx = {"count": new_images(request.user).count()}
    return render(request, "search/_news_count.html", ctx)


def own(user: User) -> SavedSearchQuerySet:
    return SavedSearch.objects.owned_by(user)

"""The pages at /search/: asking by a picture that is not stored, by a part of one, by examples."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gallery.bell import ring
from gallery.favourites import mark_favourites
from gallery.imagefile import RejectedFile, megabytes
from gallery.models import User
from gallery.views.files import not_modified, sealed, stored
from gallery.views.uploading import SignedInRequest
from search.asking import (
    UnusableExample,
    ask_by_file,
    ask_by_other_part,
    ask_by_part,
    ask_by_url,
    forget,
)
from search.comparison_page import render_comparison
from search.forms import SimilarityForm
from search.models import Encoder, Query
from search.models.queries import QueryQuerySet
from search.queries import answer_to, encoder_for, put_to, question_in, refined
from search.questions import (
    LISTS,
    AskForm,
    ExamplesForm,
    carried,
    examples_in,
    joined,
    percents_of,
)
from search.tasks import embed_wanted

WHOLE = (0.0, 0.0, 1.0, 1.0)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        return ask(request)
    if examples_in(joined(request.GET)):
        return by_examples(request)
    return render_asking(request, AskForm(user=request.user))


def ask(request: SignedInRequest) -> HttpResponse:
    """Note the question and lead to its answer, under the filters of this address."""
    form = AskForm(request.POST, request.FILES, user=request.user)
    filters = SimilarityForm(request.GET, user=request.user)
    if not (form.is_valid() and filters.is_valid()):
        return render_asking(request, form, HTTPStatus.BAD_REQUEST)
    try:
        query = asked(request.user, form.cleaned_data, filters.cleaned_data["encoder"])
    except RejectedFile as rejected:
        form.add_error("url" if form.cleaned_data["url"] else "file", str(rejected))
        return render_asking(request, form, HTTPStatus(rejected.status))
    ring(embed_wanted)
    return redirect(f"{query.get_absolute_url()}{query_string(carried(request.GET.dict()))}")


def asked(asker: User, said: dict[str, Any], encoder: Encoder) -> Query:
    crop = said["crop"]
    if said["query"]:
        return ask_by_other_part(said["query"], crop or WHOLE)
    if said["image"]:
        return ask_by_part(asker, said["image"], encoder, {}, crop or WHOLE)
    if said["url"]:
        return ask_by_url(asker, said["url"], encoder, {}, crop)
    return ask_by_file(asker, said["file"], encoder, {}, crop)


def render_asking(
    request: SignedInRequest, form: AskForm, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    ctx = {"form": form, "max_megabytes": megabytes(settings.IMAGE_MAX_BYTES)}
    return render(request, "search/ask.html", ctx, status=status)


def by_examples(request: SignedInRequest) -> HttpResponse:
    """What is like ticked images or an album's, and unlike others: all of it in the address."""
    form = ExamplesForm(joined(request.GET), user=request.user)
    if has_loose_ticks(request):
        return redirect(f"{request.path}{query_string(carried(form.data))}")
    return render_found(request, form, {}, lambda encoder: question_in(form, request.user, encoder))


@login_required
@require_safe
def found(request: SignedInRequest, pk: UUID) -> HttpResponse:
    query = get_object_or_404(queries_of(request.user), pk=pk)
    if not request.GET and (filters := carried(query.filters)):
        # Asked with by the API; from here on they stand in the address, as everywhere.
        return redirect(f"{request.path}{query_string(filters)}")
    form = ExamplesForm(joined(request.GET), user=request.user)
    if has_loose_ticks(request):
        return redirect(f"{request.path}{query_string(carried(form.data))}")
    crop_form = AskForm(initial=percents_of(query.crop), user=request.user)
    ctx = {"query": query, "crop_form": crop_form, "image": query.image}
    return render_found(request, form, ctx, lambda to: refined(put_to(to, query), form))


@login_required
@require_safe
def picture(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """What was sent, as it is kept, to the person who sent it."""
    query = get_object_or_404(queries_of(request.user).exclude(file_name=""), pk=pk)
    return sent_picture(request, query.file_name)


def sent_picture(request: HttpRequest, file_name: str) -> HttpResponseBase:
    """A picture that somebody sent to search with; under its name it never changes."""
    etag = f'"{file_name}"'
    if unchanged := not_modified(request, etag):
        return unchanged
    return sealed(FileResponse(stored(file_name), content_type="image/jpeg"), etag)


@login_required
@require_POST
def forget_query(request: SignedInRequest, pk: UUID) -> HttpResponse:
    if forget(get_object_or_404(queries_of(request.user), pk=pk)):
        messages.success(request, _("This search and its picture are forgotten."))
    else:
        messages.info(request, _("A saved search asks with this picture, so it is kept."))
    return redirect("search:search")


def queries_of(user: User) -> QueryQuerySet:
    return Query.objects.asked_by(user).select_related(
        "encoder__scale", "asker", "image__rendering"
    )


def has_loose_ticks(request: HttpRequest) -> bool:
    """Whether a list of examples comes as a form sends its boxes, rather than as one value."""
    return any(len(request.GET.getlist(name)) > 1 for name in LISTS)


def query_string(data: dict[str, str]) -> str:
    return f"?{urlencode(data, safe=',')}" if data else ""


def render_found(
    request: SignedInRequest,
    form: ExamplesForm,
    ctx: dict[str, Any],
    ask: Callable[[Encoder], Query],
) -> HttpResponse:
    """The answer to the question that `ask` makes of a valid form for an encoder."""
    asked_with = examples_in(form.data)
    ctx |= {
        "form": form,
        "chips": list(form.chips()),
        "carried": carried(form.data),
        "examples_asked": asked_with,
        "unfiltered": f"{request.path}{query_string(asked_with or {'place': ''})}",
        "refine_at": request.path,
    }
    try:
        if form.is_valid():
            encoder = encoder_for(ctx.get("query"), form)
            ctx["rivals"] = form.rivals_of(encoder)
            ctx["examples"] = list(form.examples())
            if request.GET.get("compare"):
                return render_comparison(request, form, ctx, ask, encoder)
            ctx["neighbours"] = neighbours = answer_to(ask(encoder), form)
            mark_favourites(request.user, neighbours.images)
    except UnusableExample as problem:
        form.add_error(None, str(problem))
    status = HTTPStatus.OK if form.is_valid() else HTTPStatus.BAD_REQUEST
    return render(request, "search/found.html", ctx, status=status)

"""The pages that tell why two pictures are similar."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gallery.models import Image
from gallery.models.images import ImageQuerySet, Person
from gallery.views.uploading import SignedInRequest
from search.forms import EncoderForm
from search.models import Query
from search.overlays import WHOLE, Overlay, Shown
from search.pages import queries_of
from search.requesting import TooManyVisitors, explain_again
from search.shown import image_as_shown, sent_as_shown
from search.why import Why, why_similar
from search.why import why_found as why_query_found


@require_http_methods(["GET", "HEAD", "POST"])
def why(request: HttpRequest, pk: int, result: int) -> HttpResponse:
    seen = images_for(request.user)
    image, other = get_object_or_404(seen, pk=pk), get_object_or_404(seen, pk=result)
    form = EncoderForm(request.GET)
    ctx = {"form": form, "back": reverse("search:similar", args=[pk])}
    if not form.is_valid():
        return render(request, "search/why.html", ctx, status=HTTPStatus.BAD_REQUEST)
    try:
        found = why_similar(image, other, form.cleaned_data["encoder"], request.user)
    except TooManyVisitors as refusal:
        form.add_error(None, str(refusal))
        return render(request, "search/why.html", ctx, status=HTTPStatus.TOO_MANY_REQUESTS)
    if request.method == "POST":
        return try_again(request, found)
    return render_why(request, found, image_as_shown(image), other, ctx)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def why_found(request: SignedInRequest, pk: UUID, result: int) -> HttpResponse:
    query = get_object_or_404(queries_of(request.user).with_picture(), pk=pk)
    other = get_object_or_404(images_for(request.user), pk=result)
    ctx = {"back": query.get_absolute_url()}
    found = why_query_found(query, other)
    if request.method == "POST":
        return try_again(request, found)
    return render_why(request, found, query_as_shown(query), other, ctx)


def try_again(request: HttpRequest, why: Why) -> HttpResponse:
    """Have another try at an explanation that failed, and lead to it."""
    address = request.get_full_path()
    if not request.user.is_authenticated:
        return redirect_to_login(address)
    explain_again(why.explanation)
    return redirect(address)


def images_for(user: Person) -> ImageQuerySet:
    return Image.objects.visible_to(user).for_tiles()


def render_why(
    request: HttpRequest, why: Why, asked: Shown, result: Image, ctx: dict[str, Any]
) -> HttpResponse:
    shown = [asked, image_as_shown(result)]
    if why.is_answer:
        maps = [why.asked_map, why.result_map]
        shown = [
            replace(picture, overlay=Overlay(values))
            for picture, values in zip(shown, maps, strict=True)
        ]
    return render(request, "search/why.html", {**ctx, "why": why, "pictures": shown})


def query_as_shown(query: Query) -> Shown:
    crop = query.crop or WHOLE
    if query.image:
        return image_as_shown(query.image, crop)
    return sent_as_shown(query.file_name, reverse("search:picture", args=[query.pk]), crop)

"""The nearest images of an image."""

from functools import partial
from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gallery.favourites import mark_favourites
from gallery.models import Image
from search.comparison_page import render_comparison
from search.copies import copies_of
from search.forms import SimilarForm
from search.marks import counted, marks_on, show_marks
from search.models import Embedding
from search.queries import similar_to
from search.questions import AskForm, carried
from search.requesting import embedding_for_waiting
from search.similarity import with_opened


@require_safe
def similar(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_object_or_404(Image.objects.visible_to(request.user).for_tiles(), pk=pk)
    form = SimilarForm(request.GET, user=request.user)
    ctx = {
        "image": image,
        "form": form,
        "is_owner": image.owner == request.user,
        "chips": list(form.chips()),
        "carried": carried({**request.GET.dict(), "mark": "", "positive": str(image.pk)}),
        "refine_at": reverse("search:search"),
        "crop_form": AskForm(user=request.user) if request.user.is_authenticated else None,
    }
    if not form.is_valid():
        return render(request, "search/similar.html", ctx, status=HTTPStatus.BAD_REQUEST)
    encoder = form.cleaned_data["encoder"]
    ctx["rivals"] = form.rivals_of(encoder)
    if request.GET.get("compare"):
        ask = partial(embedding_for_waiting, image)
        return render_comparison(request, form, ctx, ask, encoder)
    ctx["neighbours"] = found = similar_to(image, request.user, form)
    mark_favourites(request.user, found.images)
    if form.is_marking:
        marks = marks_on(image, request.user)
        show_marks(with_opened(found.results), marks)
        ctx |= {"marking": image, "counts": counted(marks)}
    return render(request, "search/similar.html", ctx)


@require_safe
def copies(request: HttpRequest, pk: int) -> HttpResponse:
    """What looks the same, for the image's own page."""
    image = get_object_or_404(Image.objects.visible_to(request.user), pk=pk)
    ctx = {"copies": copies_of(image, request.user)}
    return render(request, "search/_copies.html", ctx)


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Have another try at the embeddings of an image that failed."""
    image = get_object_or_404(Image.objects.editable_by(request.user), pk=pk)
    # Not wanted until somebody waits for it again: the page this leads to then rings for it.
    Embedding.objects.filter(image=image).failed().retry(wanted=False)
    return redirect("search:similar", pk=image.pk)

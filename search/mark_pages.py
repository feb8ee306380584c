"""Marking results as right or wrong, on the page that shows them."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gallery.models import Image
from gallery.views.uploading import SignedInRequest
from search.marks import counted, mark, marks_on

MEANINGS = {"right": True, "wrong": False, "none": None}


class MarkForm(forms.Form):
    """What one of the two buttons says: its word, or that it is taken back."""

    mark = forms.TypedChoiceField(choices=[(word, word) for word in MEANINGS], coerce=MEANINGS.get)


@login_required
@require_POST
def mark_result(request: SignedInRequest, pk: int, result: int) -> HttpResponse:
    """Keep or take back a mark. The address has the page's query string, to lead back there."""
    seen = Image.objects.visible_to(request.user)
    image = get_object_or_404(seen, pk=pk)
    other = get_object_or_404(seen.exclude(pk=pk), pk=result)
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise BadRequest(form.errors.as_text())
    said = form.cleaned_data["mark"]
    mark(request.user, image, other, said)
    if not request.htmx:
        page = reverse("search:similar", args=[pk])
        return redirect(f"{page}?{request.GET.urlencode()}#tile-{result}")
    counts = counted(marks_on(image, request.user))
    ctx = {"marking": image, "image": other, "mark": said, "counts": counts}
    return render(request, "search/_marked.html", ctx)

"""What people think of an image: their favourites, and its owner's rating."""

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from gallery.favourites import set_favourite
from gallery.models import Image
from gallery.models.images import MOST_STARS
from gallery.views.back import redirect_back
from gallery.views.uploading import SignedInRequest


class FavouriteForm(forms.Form):
    favourite = forms.BooleanField(required=False)


class RatingForm(forms.Form):
    rating = forms.IntegerField(min_value=0, max_value=MOST_STARS)


@login_required
@require_POST
def favourite(request: SignedInRequest, pk: int) -> HttpResponse:
    image = get_object_or_404(Image.objects.visible_to(request.user), pk=pk)
    form = FavouriteForm(request.POST)
    if form.is_valid():
        set_favourite(request.user, image, form.cleaned_data["favourite"])
    return answer(request, image, "gallery/favourite.html")


@login_required
@require_POST
def rate(request: HttpRequest, pk: int) -> HttpResponse:
    image = get_object_or_404(Image.objects.editable_by(request.user), pk=pk)
    form = RatingForm(request.POST)
    if form.is_valid():
        image.rating = form.cleaned_data["rating"]
        image.save(update_fields=["rating"])
    return answer(request, image, "gallery/_rating.html")


def answer(request: HttpRequest, image: Image, template: str) -> HttpResponse:
    """What htmx puts into the page, or the way back to it."""
    if request.headers.get("HX-Request"):
        return render(request, template, {"image": image, "may_edit": True})
    return redirect_back(request, image.get_absolute_url())

"""Albums and tags, as ways into the grid."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery.models import Album, Tag


@require_safe
def albums(request: HttpRequest) -> HttpResponse:
    albums = Album.objects.visible_to(request.user).for_cards(request.user)
    return render(request, "gallery/albums.html", {"albums": albums})


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    tags = Tag.objects.names_with_counts(request.user)
    return render(request, "gallery/tags.html", {"tags": tags})

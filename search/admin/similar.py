"""The admin's list of images in order of their distance from one of them."""

from dataclasses import dataclass
from typing import Any

from django.contrib.admin.views.main import ALL_VAR, ChangeList
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext

from gallery.models import Image
from gallery.models.images import ImageQuerySet
from gallery.views.grid import is_number
from search.admin.filters import encoder_shown
from search.finding import find
from search.models import Embedding, Encoder
from search.similarity import Vector


class NoExample(Exception):
    """There is nothing to compare with; the message says why."""


@dataclass(frozen=True)
class Example:
    """The image that others are compared with, and its vector by the encoder that compares."""

    image: Image
    encoder: Encoder
    vector: Vector

    def others(self, images: ImageQuerySet) -> ImageQuerySet:
        """Those that can be compared with it."""
        vectors = Embedding.similar.of(self.encoder).without([self.image.pk])
        return images.filter(Exists(vectors.filter(image=OuterRef("pk"))))


def example_for(text: str, encoder: Encoder | None) -> Example:
    """The image of that number, with or without a #. Raises NoExample."""
    number = text.strip().removeprefix("#")
    image = Image.objects.filter(pk=int(number)).first() if is_number(number) else None
    if image is None:
        raise NoExample(gettext("There is no image with the number “%s”.") % number)
    return example_of(image, encoder)


def example_of(image: Image, encoder: Encoder | None) -> Example:
    """The image with its vector by `encoder`. Raises NoExample."""
    found = Embedding.similar.of(encoder).filter(image=image).first() if encoder else None
    if encoder is None or found is None or found.vector is None:
        text = gettext("“%(image)s” (#%(number)s) can’t be compared yet: it has no vector.")
        raise NoExample(text % {"image": image, "number": image.pk})
    return Example(image, encoder, found.vector)


def is_asked(request: HttpRequest) -> bool:
    """Whether the list is asked for by similarity."""
    return bool(request.GET.get("similar", "").strip())


class SimilarityList(ChangeList):
    """The list as it is everywhere in the admin, or nearest first where an example is given."""

    example: Example | None = None
    refusal = ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        images: Any = super().get_queryset(request, exclude_parameters)
        if not is_asked(request):
            return images
        try:
            encoder = Encoder.objects.filter(encoder_shown(request)).first()
            self.example = example_for(request.GET["similar"], encoder)
        except NoExample as error:
            self.refusal = str(error)
            return images.none()
        return self.example.others(images)

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.example:
            self.result_list = self.nearest_to(self.example)

    def nearest_to(self, example: Example) -> list[Image]:
        """The rows of this page, each with its `distance`."""
        shows_all = ALL_VAR in self.params and self.can_show_all
        limit = self.result_count if shows_all else self.list_per_page
        offset = 0 if shows_all else (self.page_num - 1) * self.list_per_page
        images = self.queryset
        found = find(example.vector, example.encoder, images, offset=offset, limit=limit).results
        rows = images.in_bulk([nearest.image_id for nearest in found])
        for nearest in found:
            if row := rows.get(nearest.image_id):
                row.distance = nearest.distance
        return [rows[nearest.image_id] for nearest in found if nearest.image_id in rows]

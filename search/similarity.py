"""The nearest images to a vector, as one query through the ORM."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile, islice, takewhile
from typing import TYPE_CHECKING, Self

from django.db import models
from pgvector import HalfVector
from pgvector.django import L2Distance

from gallery.models import Image
from gallery.models.images import Person

if TYPE_CHECKING:
    from search.models import Embedding, Encoder

Vector = list[float]
# Rows fetched at a time when a distance bound decides how many are needed.
CHUNK = 200


class SimilarImages(models.QuerySet["Embedding"]):
    """Embeddings in order of their Euclidean distance from a vector, each with `distance`.

    Filters and rights are part of the query; ties break by the image's primary key.
    """

    def of(self, encoder: "Encoder") -> Self:
        """Vectors of different encoders are never compared, so every search begins with this."""
        return self.filter(encoder=encoder, vector__isnull=False)

    def among(self, images: models.QuerySet[Image]) -> Self:
        return self.filter(image__in=images.order_by())

    def visible_to(self, user: Person) -> Self:
        return self.among(Image.objects.visible_to(user))

    def without(self, images: Iterable[int]) -> Self:
        """Leave out the images asked about, by primary key: none is its own neighbour."""
        return self.exclude(image__in=list(images))

    def nearest_to(self, vector: Vector) -> Self:
        """Order by distance from `vector`; it must be as long as the encoder is wide."""
        distance = L2Distance("vector", HalfVector(vector))
        return (
            self.annotate(distance=distance)
            .order_by("distance", "image_id")
            .defer("vector")
            .select_related("image__owner", "image__rendering")
        )


@dataclass(frozen=True)
class Bounds:
    """Distances between which results lie, both included; None leaves that side open."""

    minimum: float | None = None
    maximum: float | None = None

    def __bool__(self) -> bool:
        return self.minimum is not None or self.maximum is not None

    def cut(self, nearest: Iterator["Embedding"]) -> Iterator["Embedding"]:
        """Cut an ordered stream: a WHERE beside the ORDER BY would keep an index unused."""
        low, high = self.minimum, self.maximum
        if low is not None:
            nearest = dropwhile(lambda found: found.distance < low, nearest)
        if high is not None:
            nearest = takewhile(lambda found: found.distance <= high, nearest)
        return nearest


def page_of(
    found: SimilarImages, bounds: Bounds, offset: int, limit: int
) -> tuple[list["Embedding"], bool]:
    """Return `limit` results after the first `offset`, and whether more follow."""
    if bounds:
        stream = bounds.cut(found.iterator(chunk_size=CHUNK))
        page = list(islice(stream, offset, offset + limit + 1))
    else:
        page = list(found[offset : offset + limit + 1])
    return page[:limit], len(page) > limit

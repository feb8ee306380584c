"""The nearest images to a vector: one query through the ORM for their order, one for the page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import dropwhile, islice, starmap, takewhile
from typing import TYPE_CHECKING, Any, Self, cast

from django.db import connection, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Cast
from pgvector.django import HalfVectorField, L2Distance

from gallery.models import Image
from gallery.models.images import Person

if TYPE_CHECKING:
    from search.models import Embedding, Encoder  # noqa: F401 - named in quotes below

Vector = list[float]
# Where a result stands in the order of an answer: its distance, then its image.
Rank = tuple[float, int]
# Rows fetched at a time when a distance bound decides how many are needed.
CHUNK = 200
# https://github.com/pgvector/pgvector#iterative-index-scans: the walk goes on until the page is
# full. Whether that is worth it was decided before, so neither the number of vectors looked at nor
# the planner's opinion of sorting ends it, and memory only at 64 times work_mem.
WALK = """
    SELECT set_config('hnsw.ef_search', %s, true),
           set_config('hnsw.iterative_scan', 'strict_order', true),
           set_config('hnsw.max_scan_tuples', '2147483647', true),
           set_config('hnsw.scan_mem_multiplier', '64', true),
           set_config('enable_sort', 'off', true)
"""


@dataclass(slots=True)
class Neighbour:
    """One result: an image by how far its vector is from what was asked for."""

    # Primary keys.
    embedding: int
    image_id: int
    # Euclidean, between unit-length vectors: 0..2.
    distance: float
    # Known of those that are shown; see `with_images`.
    image: Image = field(init=False)
    # How many of the gallery's pairs are farther apart, 0..1; None where that was not measured.
    share_farther: float | None = None
    # The near-identical ones it stands for; None where each image is shown by itself.
    alike: Sequence["Neighbour"] | None = None
    # Those of them that are shown with it.
    opened: Sequence["Neighbour"] = ()
    # Where it is told why this one is similar; empty where nobody can tell.
    why_path: str = ""
    # Whether who looks at it marked it as right, or as wrong; None while they did neither.
    mark: bool | None = None

    @property
    def rank(self) -> Rank:
        """Where it stands in the order of an answer."""
        return self.distance, self.image_id


def as_text(vector: Vector) -> str:
    """As PostgreSQL reads it, in the digits that tell two half-precision numbers apart."""
    return ("[" + ",".join(["%.5g"] * len(vector)) + "]") % tuple(vector)


class SimilarImages(models.QuerySet["Embedding"]):
    """Embeddings, to be put in order of their Euclidean distance from a vector.

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

    def known_at(self, moment: datetime) -> Self:
        """Leave out what was first found later, so that later pages agree with the first."""
        return self.filter(findable_since__lte=moment)

    def nearest_to(self, vector: Vector, *, by_index: bool = False) -> Self:
        """Order by distance from `vector`; it must be as long as the encoder is wide.

        Each row is what makes a Neighbour: the images of one page are fetched by `with_images`.
        With `by_index` the order is that of the encoder's index, inside `walking()`; without, no
        index knows the expression and every vector is compared.
        """
        indexed = Cast("vector", HalfVectorField(dimensions=len(vector)))
        column: Any = indexed if by_index else F("vector")
        distance = L2Distance(column, Value(as_text(vector)))
        ordered = self.annotate(distance=distance).order_by("distance", "image_id")
        rows: Any = ordered.values_list("pk", "image_id", "distance")
        return cast("Self", rows)

    def behind(self, rank: Rank) -> Self:
        """Those that follow this rank, of an ordered answer; a walk goes on until they come."""
        distance, image = rank
        return self.filter(Q(distance__gt=distance) | Q(distance=distance, image__gt=image))


@contextmanager
def walking(ef_search: int) -> Iterator[None]:
    """A transaction in which searches walk the index, `ef_search` candidates at a time."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(WALK, [str(ef_search)])
        yield


@dataclass(frozen=True)
class Bounds:
    """Distances between which results lie, both included; None leaves that side open."""

    minimum: float | None = None
    maximum: float | None = None

    def __bool__(self) -> bool:
        return self.minimum is not None or self.maximum is not None

    def through(self, translated: Callable[[float], float]) -> "Bounds":
        """The same bounds in another measure; an open side stays open."""
        low, high = self.minimum, self.maximum
        return Bounds(
            None if low is None else translated(low), None if high is None else translated(high)
        )

    def cut(self, nearest: Iterator[Neighbour]) -> Iterator[Neighbour]:
        """Cut an ordered stream: a WHERE beside the ORDER BY would keep an index unused."""
        low, high = self.minimum, self.maximum
        if low is not None:
            nearest = dropwhile(lambda found: found.distance < low, nearest)
        if high is not None:
            nearest = takewhile(lambda found: found.distance <= high, nearest)
        return nearest


def neighbours(rows: Iterable[Any]) -> Iterator[Neighbour]:
    """Of the rows of `nearest_to`."""
    return starmap(Neighbour, rows)


def page_of(
    found: SimilarImages, bounds: Bounds, offset: int, limit: int
) -> tuple[list[Neighbour], bool]:
    """`limit` results after the first `offset`, and whether more follow."""
    if bounds:
        stream = bounds.cut(neighbours(found.iterator(chunk_size=CHUNK)))
        page = list(islice(stream, offset, offset + limit + 1))
    else:
        page = list(neighbours(found[offset : offset + limit + 1]))
    return page[:limit], len(page) > limit


def with_opened(page: Iterable[Neighbour]) -> list[Neighbour]:
    """All that is shown: each result, and behind it what it stands for where that is opened."""
    return [one for found in page for one in (found, *found.opened)]


def with_images(page: list[Neighbour]) -> list[Neighbour]:
    """The page with its images, less those whose image was deleted just now."""
    shown = [found.image_id for found in with_opened(page)]
    images = Image.objects.for_tiles().in_bulk(shown)
    for found in page:
        found.opened = placed(found.opened, images)
    return placed(page, images)


def placed(found: Sequence[Neighbour], images: dict[int, Image]) -> list[Neighbour]:
    kept = [one for one in found if one.image_id in images]
    for one in kept:
        one.image = images[one.image_id]
    return kept

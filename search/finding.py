"""One page of the nearest images, by the index where that is sooner, or comparing all."""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from django.utils import timezone
from prometheus_client import Histogram

from gallery.models.images import ImageQuerySet
from search import ann_index
from search.effort import effort_for, estimate
from search.grouping import group
from search.models import Embedding, Encoder
from search.places import Place
from search.similarity import (
    Bounds,
    Neighbour,
    Rank,
    SimilarImages,
    Vector,
    page_of,
    walking,
    with_images,
)

# How many results are grouped at a time. A walk through the index takes little longer for them
# than for a page, and comparing all their pairs takes a millisecond.
BLOCK = 60
# How many blocks one page may take: behind hundreds of copies it may be less than full.
MOST_BLOCKS = 10
SECONDS = Histogram(
    "lookalike_search_seconds",
    "How long it took to find one page of an answer.",
    ["compared"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)


@dataclass(frozen=True)
class Found:
    """A page of an answer, nearest first, with images."""

    results: list[Neighbour]
    # Where the next page begins; None where nothing follows.
    following: Place | None
    # Whether every image was compared, and whether that was a choice.
    exact: bool
    has_index: bool


@dataclass(frozen=True)
class Part:
    """What one page shows of an answer, whether others follow, and from which block it ends in."""

    results: list[Neighbour]
    more: bool
    until: Rank | None = None
    block: Rank | None = None

    def following(self, encoder: Encoder, as_of: datetime, passed: int) -> Place | None:
        """Where the next page begins, of an answer as of that moment, with so many before this."""
        if not (self.more and self.results):
            return None
        passed += len(self.results)
        return Place(encoder.pk, as_of, passed, self.results[-1].rank, self.until, self.block)


def find(
    vector: Vector,
    encoder: Encoder,
    images: ImageQuerySet,
    *,
    without: Iterable[int] = (),
    bounds: Bounds = Bounds(),
    place: Place | None = None,
    offset: int = 0,
    limit: int = 20,
    exact: bool = False,
    within: float | None = None,
    opened: Collection[int] = (),
    effort: int | None = None,
) -> Found:
    """Find those of `images` whose vectors are nearest to `vector`, none of `without`.

    All pages of a question are answered the same way, and as at its first one, so the next one
    goes on where this one ends. With `within`, images no farther apart than that are one result
    with the others as its `alike`; those of `opened` images come with it. `offset` is for results
    that are apart. `effort` is the ef_search of a walk, if it is not to be what was measured.
    """
    began = perf_counter()
    index = ann_index.state(encoder)
    left = 0.0 if exact or not index.is_valid else estimate(images)
    by_index = index.is_worth_walking(left, limit if within is None else BLOCK)
    now = timezone.now()
    among = Embedding.similar.of(encoder).among(images).without(without)
    if place:
        among = among.known_at(place.as_of)
    walk: AbstractContextManager[None] = nullcontext()
    if by_index:
        walk = walking(effort or effort_for(encoder, left / index.vectors))
    with walk:
        nearest = among.nearest_to(vector, by_index=by_index)
        if within is None:
            part = apart(nearest, bounds, place, offset, limit)
        else:
            part = together(nearest, bounds, place, limit, within)
            open_some(part.results, opened)
    SECONDS.labels("index" if by_index else "all").observe(perf_counter() - began)
    as_of, passed = (place.as_of, place.passed) if place else (now, 0)
    return Found(
        with_images(part.results),
        part.following(encoder, as_of, offset + passed),
        exact=not by_index,
        has_index=index.is_valid,
    )


def open_some(results: Iterable[Neighbour], opened: Collection[int]) -> None:
    for found in results:
        if found.image_id in opened:
            found.opened = found.alike or ()


def apart(
    nearest: SimilarImages, bounds: Bounds, place: Place | None, offset: int, limit: int
) -> Part:
    """Each image by itself."""
    if place:
        nearest = nearest.behind(place.after)
    return Part(*page_of(nearest, bounds, offset, limit))


def together(
    nearest: SimilarImages, bounds: Bounds, place: Place | None, limit: int, within: float
) -> Part:
    """Near-identical images as one result, each with `alike`.

    They are looked for in blocks that are the same for all pages, whatever is deleted meanwhile, so
    that whoever is one's alike on this page is no result of the next.
    """
    block, until = (place.block, place.until) if place else (None, None)
    leaders: list[Neighbour] = []
    for _ in range(MOST_BLOCKS):
        rest = nearest.behind(block) if block else nearest
        results, more = page_of(rest, bounds, 0, BLOCK)
        inside = results
        if until and until != block:
            inside = [found for found in results if found.rank <= until]
        if len(inside) < len(results):
            more = True
        elif results:
            until = results[-1].rank
        found = group(inside, within)
        leaders += [leader for leader in found if place is None or leader.rank > place.after]
        if len(leaders) > limit or not more:
            break
        block = until
    return Part(leaders[:limit], more or len(leaders) > limit, until, block)

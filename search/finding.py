"""One page of the nearest images, by the index where that is sooner, or comparing all."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from gallery.models.images import ImageQuerySet
from search import ann_index
from search.models import Embedding, Encoder
from search.similarity import Bounds, Vector, page_of, walking


@dataclass(frozen=True)
class Found:
    """A page of embeddings, nearest first, each with `distance` and `image`."""

    results: list[Embedding]
    # Whether others follow.
    more: bool
    # Whether every image was compared, and whether that was a choice.
    exact: bool
    has_index: bool


def find(
    vector: Vector,
    encoder: Encoder,
    images: ImageQuerySet,
    *,
    without: Iterable[int] = (),
    bounds: Bounds = Bounds(),
    offset: int = 0,
    limit: int = 20,
    exact: bool = False,
) -> Found:
    """Find those of `images` whose vectors are nearest to `vector`, none of `without`.

    All pages of a question are answered the same way, so the next one goes on where this one ends.
    """
    index = ann_index.state(encoder)
    by_index = not exact and index.is_worth_walking(images)
    among = Embedding.similar.of(encoder).among(images).without(without)
    with walking(encoder.ef_search) if by_index else nullcontext():
        nearest = among.nearest_to(vector, by_index=by_index)
        results, more = page_of(nearest, bounds, offset, limit)
    return Found(results, more, exact=not by_index, has_index=index.is_valid)

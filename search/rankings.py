"""Candidates in order of their Euclidean distance from queries, a block of queries at a time.

Of 50,000 images all pairs would be 20 GB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.floating]
    # Which queries, and for each of them the indices of candidates, nearest first.
    Block = tuple[slice, NDArray[np.intp]]

MOST_QUERIES = 256
# Distances in a block, at most, 32 MB: a few arrays as large are made of them.
MOST_DISTANCES = 4_000_000


def rankings(queries: Vectors, candidates: Vectors) -> Iterator[Block]:
    """Of queries (q, d) all candidates (n, d): blocks of int (b, n).

    Of equally near ones the lower index comes first, and equal vectors are equally near.
    """
    for rows, distances in distance_blocks(queries, candidates):
        yield rows, nearest_first(distances)


def leave_one_out_rankings(vectors: Vectors) -> Iterator[Block]:
    """Of vectors (n, d), each a query once, all the others: blocks of int (b, n - 1)."""
    import numpy as np

    for rows, order in rankings(vectors, vectors):
        others = order != np.arange(rows.start, rows.stop)[:, None]
        yield rows, order[others].reshape(len(order), -1)


def nearest_first(distances: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices in the order of `distances` (b, n), none negative, as float32 tells them apart."""
    import numpy as np

    # The bits of a float32 from 0 up are ordered as it is. Sorting whole numbers, each with its
    # index behind, is many times as fast as a stable argsort.
    bits = distances.astype(np.float32).view(np.uint32).astype(np.int64)
    numbers = bits << 32 | np.arange(distances.shape[1])
    numbers.sort(axis=1)
    return (numbers & 0xFFFFFFFF).astype(np.intp, copy=False)


def distance_blocks(
    queries: Vectors, candidates: Vectors
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Squared distances of queries (q, d) from all candidates (n, d), in blocks (b, n)."""
    import numpy as np

    distinct, places = distinct_vectors(candidates.astype(np.float64))
    squares = np.einsum("nd,nd->n", distinct, distinct)
    size = min(MOST_QUERIES, max(1, MOST_DISTANCES // max(1, len(candidates))))
    for start in range(0, len(queries), size):
        rows = slice(start, min(start + size, len(queries)))
        block = queries[rows].astype(np.float64)
        own = np.einsum("nd,nd->n", block, block)
        # Rounding leaves a little less than 0 of what is 0.
        yield rows, np.abs(own[:, None] + squares - 2 * block @ distinct.T)[:, places]


def distinct_vectors(
    vectors: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Each vector once, (m, d), and the place of each of all among these, (n,).

    A matrix product may differ in its last bit between two equal columns, and break a tie.
    """
    import numpy as np

    known: dict[bytes, int] = {}
    places = [known.setdefault(vector.tobytes(), len(known)) for vector in vectors]
    _, firsts = np.unique(places, return_index=True)
    return vectors[firsts.astype(np.intp)], np.array(places, np.int64)

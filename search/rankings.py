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
    import numpy as np

    for rows, distances in distance_blocks(queries, candidates):
        yield rows, np.argsort(distances, axis=1, kind="stable")


def leave_one_out_rankings(vectors: Vectors) -> Iterator[Block]:
    """Of vectors (n, d), each a query once, all the others: blocks of int (b, n - 1)."""
    import numpy as np

    for rows, distances in distance_blocks(vectors, vectors):
        queries = np.arange(rows.start, rows.stop)
        # First of all, whatever else is there, and so cut off.
        distances[queries - rows.start, queries] = -np.inf
        yield rows, np.argsort(distances, axis=1, kind="stable")[:, 1:]


def distance_blocks(
    queries: Vectors, candidates: Vectors
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Squared distances (b, n), less the query's own squared length, which changes no order."""
    import numpy as np

    distinct, places = distinct_vectors(candidates.astype(np.float64))
    squares = np.einsum("nd,nd->n", distinct, distinct)
    size = min(MOST_QUERIES, max(1, MOST_DISTANCES // max(1, len(candidates))))
    for start in range(0, len(queries), size):
        rows = slice(start, min(start + size, len(queries)))
        yield rows, (squares - 2 * queries[rows].astype(np.float64) @ distinct.T)[:, places]


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

"""How good a ranking by distance is, from vectors and labels alone.

Leave-one-out: every vector is a query once, the candidates are all others, relevant are those of
the same label. Formulas as in Manning, Raghavan and Schütze, "Introduction to Information
Retrieval" (2008), chapter 8.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class RetrievalQuality:
    """Means over all queries, each 0..1; without any query they are 0.

    `excluded` counts the vectors that are alone with their label: nothing can be found for them,
    so they ask no query, but stay candidates for the others.
    """

    queries: int
    excluded: int
    mean_average_precision: float
    precision_at_1: float
    precision_at_5: float
    recall_at_10: float


def retrieval_quality(
    vectors: NDArray[np.floating], labels: Sequence[Hashable]
) -> RetrievalQuality:
    """Quality of the Euclidean ranking of `vectors` (n, d), one label each."""
    import numpy as np

    if len(vectors) != len(labels):
        raise ValueError(f"{len(vectors)} vectors but {len(labels)} labels")
    found = relevance(vectors, labels)
    asked = found[found.any(axis=1)]
    means = [
        float(np.mean(measure)) if len(asked) else 0.0
        for measure in (
            average_precision(asked),
            precision_at(asked, 1),
            precision_at(asked, 5),
            recall_at(asked, 10),
        )
    ]
    return RetrievalQuality(len(asked), len(found) - len(asked), *means)


def relevance(vectors: NDArray[np.floating], labels: Sequence[Hashable]) -> NDArray[np.bool_]:
    """For every query whether its nearest, second nearest, ... is relevant: bool (n, n - 1)."""
    import numpy as np

    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    classes = np.array([numbers[label] for label in labels], np.int64)
    rows = [classes[ranking(vectors, query)] == classes[query] for query in range(len(classes))]
    return np.array(rows, np.bool_).reshape(len(rows), max(len(rows) - 1, 0))


def ranking(vectors: NDArray[np.floating], query: int) -> NDArray[np.intp]:
    """Indices of all other vectors, nearest first; of equally near ones the lower index first."""
    import numpy as np

    # Differences rather than dot products: equal vectors must be exactly equally far.
    differences = vectors.astype(np.float64) - vectors[query]
    order = np.argsort(np.einsum("nd,nd->n", differences, differences), kind="stable")
    others: NDArray[np.intp] = order[order != query]
    return others


def average_precision(found: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean of the precision at the rank of each relevant candidate, (queries,); section 8.4."""
    import numpy as np

    ranks = np.arange(1, found.shape[1] + 1)
    precisions = np.cumsum(found, axis=1) / ranks
    means: NDArray[np.float64] = (precisions * found).sum(axis=1) / found.sum(axis=1)
    return means


def precision_at(found: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Share of relevant ones among the first `k`, (queries,); fewer candidates count as misses."""
    import numpy as np

    shares: NDArray[np.float64] = found[:, :k].sum(axis=1) / np.float64(k)
    return shares


def recall_at(found: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Share of all relevant ones that are among the first `k`, (queries,).

    With more than `k` relevant ones it can't reach 1: 10 / 24 at best for classes of 25.
    """
    shares: NDArray[np.float64] = found[:, :k].sum(axis=1) / found.sum(axis=1)
    return shares

"""How good rankings are, from which of their candidates are relevant.

`found` is bool (queries, candidates): whether a query's nearest candidate, its second nearest and
so on is relevant. Every query has a relevant one. Formulas as in Manning, Raghavan and Schütze,
"Introduction to Information Retrieval" (2008), chapter 8, where nothing else is said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Found = NDArray[np.bool_]

# In how many steps the precision-recall curve goes from recall 0 to 1.
RECALL_STEPS = 10


def average_precision(found: Found) -> NDArray[np.float64]:
    """Mean of the precision at the rank of each relevant candidate, (queries,); section 8.4."""
    means: NDArray[np.float64] = precision_at_hits(found).sum(axis=1) / found.sum(axis=1)
    return means


def precision_at_hits(found: Found) -> NDArray[np.float64]:
    """The precision at the rank of each relevant candidate, (queries, the most relevant ones).

    Behind a query's last one it is 0.
    """
    import numpy as np

    relevant = found.sum(axis=1)
    rows, ranks = np.nonzero(found)
    hits = np.arange(len(rows)) - (np.cumsum(relevant) - relevant)[rows]
    table = np.zeros((len(found), relevant.max(initial=0)))
    table[rows, hits] = (hits + 1) / (ranks + 1)
    return table


def precision_at(found: Found, k: int) -> NDArray[np.float64]:
    """Share of relevant ones among the first `k`, (queries,); fewer candidates count as misses."""
    import numpy as np

    shares: NDArray[np.float64] = found[:, :k].sum(axis=1) / np.float64(k)
    return shares


def recall_at(found: Found, k: int) -> NDArray[np.float64]:
    """Share of all relevant ones that are among the first `k`, (queries,).

    With more than `k` relevant ones it can't reach 1: 10 / 24 at best for classes of 25.
    """
    shares: NDArray[np.float64] = found[:, :k].sum(axis=1) / found.sum(axis=1)
    return shares


def r_precision(found: Found) -> NDArray[np.float64]:
    """Precision at the rank that is the number of relevant ones, (queries,)."""
    import numpy as np

    relevant = found.sum(axis=1, keepdims=True)
    within = np.arange(found.shape[1]) < relevant
    shares: NDArray[np.float64] = (found & within).sum(axis=1) / relevant[:, 0]
    return shares


def ndcg_at(found: Found, k: int) -> NDArray[np.float64]:
    """Discounted gain of the first `k` by that of the best order, (queries,); a gain is 0 or 1.

    Discounts 1 / log2(rank + 1): Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR
    techniques" (2002), as Burges et al. (2005) and scikit-learn have them.
    """
    import numpy as np

    discounts = 1 / np.log2(np.arange(2, min(k, found.shape[1]) + 2))
    best = np.cumsum(discounts)[np.minimum(found.sum(axis=1), len(discounts)) - 1]
    gains: NDArray[np.float64] = found[:, :k] @ discounts / best
    return gains


def interpolated_precision(found: Found) -> NDArray[np.float64]:
    """The best precision at recall 0, .1 ... 1 or beyond, (queries, 11); section 8.4."""
    import numpy as np

    best = np.maximum.accumulate(precision_at_hits(found)[:, ::-1], axis=1)[:, ::-1]
    # In whole numbers: .1 * 30 is a little more than 3.
    needed = -(-found.sum(axis=1, keepdims=True) * np.arange(RECALL_STEPS + 1) // RECALL_STEPS)
    return np.take_along_axis(best, np.maximum(needed, 1) - 1, axis=1)


def bpref(found: Found, judged: NDArray[np.integer]) -> NDArray[np.float64]:
    """How seldom wrong candidates come before right ones, 0..1, where few were judged, (queries,).

    `found` has the judged candidates only, `judged` (queries,) how many these are; what is behind
    them in a row is padding. Buckley and Voorhees, "Retrieval evaluation with incomplete
    information" (SIGIR 2004), with the bound that trec_eval takes: min(right ones, wrong ones).
    """
    import numpy as np

    relevant = found.sum(axis=1)
    bound = np.minimum(relevant, judged - relevant)[:, None]
    wrong_before = np.minimum(np.cumsum(~found, axis=1), bound)
    preferred = np.where(found, 1 - wrong_before / np.maximum(bound, 1), 0)
    shares: NDArray[np.float64] = preferred.sum(axis=1) / relevant
    return shares

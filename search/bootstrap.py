"""How far a figure might be another with other queries of the same kind.

The percentile method of Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter
13: the figure of many samples, each drawn from the queries with replacement.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Interval = tuple[NDArray[np.float64], NDArray[np.float64]]

SAMPLES = 1000
PERCENTILES = (2.5, 97.5)


def resamples(count: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """How many times each of `count` queries is in a sample, (count,); the same for a seed."""
    import numpy as np

    random = np.random.default_rng(seed)
    for _ in range(SAMPLES):
        yield np.bincount(random.integers(count, size=count), minlength=count).astype(np.int64)


def interval(figures: NDArray[np.float64]) -> Interval:
    """Between what 95 % of the samples' figures (samples, ...) lie: low and high, each (...)."""
    import numpy as np

    low, high = np.percentile(figures, PERCENTILES, axis=0)
    return low, high


def bootstrap_interval(values: NDArray[np.float64], seed: int = 0) -> Interval:
    """The 95 % interval of the mean of `values` (queries, ...), by default of one a query.

    Raises ValueError where there is no query.
    """
    return interval(bootstrap_means(values, seed))


def bootstrap_means(values: NDArray[np.float64], seed: int = 0) -> NDArray[np.float64]:
    """The mean of `values` (queries, ...) in each sample, (samples, ...).

    Of as many queries, a seed's samples are always the same: two encoders' means of the same
    queries are paired, and their differences are samples of the difference.
    """
    import numpy as np

    if not len(values):
        raise ValueError("nothing was asked")
    return np.array([times @ values / len(values) for times in resamples(len(values), seed)])

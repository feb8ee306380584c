"""How good a classification is: classes are numbers from 0, `truth` and `predicted` int (n,).

A share of nothing is 0, as scikit-learn has it with `zero_division=0`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Classes = NDArray[np.integer]


class ClassScores(NamedTuple):
    """Of each class (classes,): shares in 0..1, and of how many it is the truth."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.float64]


def most_voted(votes: Classes) -> Classes:
    """The class with most of the votes (n, k), nearest first; of several that of the nearest."""
    import numpy as np

    counts = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
    winners: Classes = votes[np.arange(len(votes)), counts.argmax(axis=1)]
    return winners


def confusion_matrix(truth: Classes, predicted: Classes, classes: int) -> NDArray[np.int64]:
    """How many of each class, a row, were taken for each, a column: (classes, classes)."""
    import numpy as np

    pairs = truth * classes + predicted
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes).astype(np.int64)


def class_scores(
    truth: Classes, predicted: Classes, classes: int, times: Classes | None = None
) -> ClassScores:
    """Precision, recall and F1 of each class, where each one counts `times` (n,), or once."""
    import numpy as np

    each = np.ones(len(truth)) if times is None else times.astype(np.float64)
    hits = totals(truth, each * (truth == predicted), classes)
    answers, support = totals(predicted, each, classes), totals(truth, each, classes)
    return ClassScores(
        share(hits, answers), share(hits, support), share(2 * hits, answers + support), support
    )


def totals(of: Classes, times: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """The sum of `times` (n,) for each class, (classes,)."""
    import numpy as np

    return np.bincount(of, times, classes).astype(np.float64)


def share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)

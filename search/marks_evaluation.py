"""How well an encoder puts what was marked as right before what was marked as wrong.

What nobody marked is unknown, not wrong: most marks are on what some encoder showed first, so
another one would lose by finding what nobody has looked at. So every ranking is condensed to the
results that were marked, and measured as if there were no others: Sakai, "Alternatives to bpref"
(SIGIR 2007), who finds average precision of such lists more discriminative and more robust than
bpref, which is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from search import metrics
from search.evaluation import Evaluation, EvaluationError
from search.figures import Quality
from search.labels import vectors_of
from search.measuring import Measuring, mean_figures, retrieval_values
from search.rankings import rankings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from search.marks import MarkedPair
    from search.models import Encoder

    Found = NDArray[np.bool_]


def evaluate_marks(
    encoder: Encoder, pairs: Sequence[MarkedPair], measuring: Measuring = Measuring()
) -> Evaluation:
    """Rank the marked results of every image by their distance from it; `pairs` are in order.

    An image asks if one of its results is right and one wrong: without either all orders are as
    good. Where fewer than k results are marked the rest of k are misses. Raises EvaluationError.
    """
    if not pairs:
        raise EvaluationError("No results are marked as right or wrong, or they may not be seen.")
    keys = {key for image, result, _ in pairs for key in (image, result)}
    vectors = vectors_of(keys, encoder)
    known = [pair for pair in pairs if pair[0] in vectors and pair[1] in vectors]
    lists = list(condensed_lists(known, vectors))
    asking = [found for found in lists if found.any() and not found.all()]
    if not asking:
        raise EvaluationError(
            f"Of {len(lists)} images with marked results that {encoder} has vectors of, none has"
            " one that is right and one that is wrong."
        )
    return Evaluation(
        encoder=encoder.name,
        images=len(lists),
        candidates=len({result for _, result, _ in known}),
        classes=0,
        quality=quality_of(asking, len(lists) - len(asking), measuring),
        without_vector=len(keys) - len(vectors),
        marks=len(known),
    )


def condensed_lists(
    pairs: Sequence[MarkedPair], vectors: dict[int, list[float]]
) -> Iterator[Found]:
    """For each image whether its marked results are right, (m,), nearest first.

    As in a search, of equally near ones the lower primary key comes first.
    """
    import numpy as np

    for image, judged in groupby(pairs, lambda pair: pair[0]):
        results = [(result, is_relevant) for _, result, is_relevant in judged]
        candidates = np.array([vectors[result] for result, _ in results], np.float32)
        ((_, order),) = rankings(np.array([vectors[image]], np.float32), candidates)
        yield np.array([is_relevant for _, is_relevant in results], np.bool_)[order[0]]


def quality_of(lists: Sequence[Found], excluded: int, measuring: Measuring) -> Quality:
    import numpy as np

    judged = np.array([len(found) for found in lists])
    found = np.zeros((len(lists), judged.max()), np.bool_)
    for row, marked in zip(found, lists, strict=True):
        row[: len(marked)] = marked
    values = retrieval_values(found, measuring.cutoffs)
    curve = values.pop("curve")
    values = {"map": values.pop("map"), "bpref": metrics.bpref(found, judged), **values}
    figures = mean_figures(np.stack(list(values.values()), axis=1), measuring.seed)
    return Quality(
        excluded=excluded,
        retrieval=dict(zip(values, figures, strict=True)),
        curve=mean_figures(curve, measuring.seed),
        classification=None,
    )

"""How well an encoder puts what was marked as right before what was marked as wrong.

What nobody marked is unknown, not wrong: most marks are on what some encoder showed first, so
another one would lose by finding what nobody has looked at. So every ranking is condensed to the
results that were marked, and measured as if there were no others: Sakai, "Alternatives to bpref"
(SIGIR 2007), who finds average precision of such lists more discriminative and more robust than
bpref, which is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Condensed:
    """The marked results of an image, nearest first, and whether each is right, (m,)."""

    image: int
    results: list[int]
    found: Found

    @property
    def asks(self) -> bool:
        """Whether one of its results is right and one wrong: else all orders are as good."""
        return bool(self.found.any() and not self.found.all())


@dataclass(frozen=True)
class MarksTrial:
    """The rankings by an encoder; `without_vector` of the marked images had none of it."""

    lists: list[Condensed]
    without_vector: int

    @property
    def asking(self) -> list[Condensed]:
        return [one for one in self.lists if one.asks]


def evaluate_marks(
    encoder: Encoder, pairs: Sequence[MarkedPair], measuring: Measuring = Measuring()
) -> Evaluation:
    """Rank the marked results of every image by their distance from it; `pairs` are in order.

    Where fewer than k results are marked the rest of k are misses. Raises EvaluationError.
    """
    return evaluate_marks_trial(encoder, marks_trial_of(encoder, pairs), measuring)


def marks_trial_of(encoder: Encoder, pairs: Sequence[MarkedPair]) -> MarksTrial:
    """Raises EvaluationError where nothing is marked."""
    if not pairs:
        raise EvaluationError("No results are marked as right or wrong, or they may not be seen.")
    keys = {key for image, result, _ in pairs for key in (image, result)}
    vectors = vectors_of(keys, encoder)
    known = [pair for pair in pairs if pair[0] in vectors and pair[1] in vectors]
    return MarksTrial(list(condensed_lists(known, vectors)), len(keys) - len(vectors))


def evaluate_marks_trial(encoder: Encoder, trial: MarksTrial, measuring: Measuring) -> Evaluation:
    if not trial.asking:
        raise EvaluationError(
            f"Of {len(trial.lists)} images with marked results that {encoder} has vectors of, none"
            " has one that is right and one that is wrong."
        )
    lists = [one.found for one in trial.asking]
    return Evaluation(
        encoder=encoder.name,
        images=len(trial.lists),
        candidates=len({result for one in trial.lists for result in one.results}),
        classes=0,
        quality=quality_of(lists, len(trial.lists) - len(lists), measuring),
        without_vector=trial.without_vector,
        marks=sum(len(one.results) for one in trial.lists),
    )


def condensed_lists(
    pairs: Sequence[MarkedPair], vectors: dict[int, list[float]]
) -> Iterator[Condensed]:
    """One an image. As in a search, of equally near results the lower primary key comes first."""
    import numpy as np

    for image, judged in groupby(pairs, lambda pair: pair[0]):
        results, is_relevant = zip(*[(result, right) for _, result, right in judged], strict=True)
        candidates = np.array([vectors[result] for result in results], np.float32)
        ((_, order),) = rankings(np.array([vectors[image]], np.float32), candidates)
        found = np.array(is_relevant, np.bool_)[order[0]]
        yield Condensed(image, [results[place] for place in order[0]], found)


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

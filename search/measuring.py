"""Measuring how well vectors tell classes apart: by retrieval, and by votes of neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from search import metrics
from search.bootstrap import bootstrap_means, interval, resamples
from search.classification import ClassScores, class_scores, confusion_matrix, most_voted
from search.figures import Classification, Figure, Quality
from search.rankings import leave_one_out_rankings, rankings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CUTOFFS = (1, 5, 10)
SCORES = ("precision", "recall", "f1")


class NothingToFind(Exception):
    """No query has anything relevant among its candidates."""


@dataclass(frozen=True)
class Measuring:
    """How to measure: where rankings are cut besides at CUTOFFS, how many neighbours vote."""

    k: int = 10
    votes: int = 5
    seed: int = 0

    @property
    def cutoffs(self) -> list[int]:
        return sorted({*CUTOFFS, self.k})


@dataclass(frozen=True)
class LabelledVectors:
    """Vectors (n, d) and of which classes each is: `members`, bool (n, classes), one at least."""

    vectors: NDArray[np.floating]
    classes: Sequence[str]
    members: NDArray[np.bool_]

    @classmethod
    def of_one_class(cls, vectors: NDArray[np.floating], labels: Sequence[str]) -> LabelledVectors:
        """Each of exactly one class, one label each; classes in the order they come in."""
        import numpy as np

        if len(vectors) != len(labels):
            raise ValueError(f"{len(vectors)} vectors but {len(labels)} labels")
        numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
        column = np.array([numbers[label] for label in labels], np.int64)[:, None]
        return cls(vectors, list(numbers), column == np.arange(len(numbers)))

    def __len__(self) -> int:
        return len(self.vectors)

    def chosen(self, rows: NDArray[np.bool_]) -> LabelledVectors:
        """Those where `rows`, bool (n,), is true; the classes stay."""
        return LabelledVectors(self.vectors[rows], self.classes, self.members[rows])

    @cached_property
    def is_single(self) -> NDArray[np.bool_]:
        """Whether each is of one class only, (n,): what a classification can be right about."""
        single: NDArray[np.bool_] = self.members.sum(axis=1) == 1
        return single

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Each one's class, or the first of its classes, (n,)."""
        first: NDArray[np.intp] = self.members.argmax(axis=1)
        return first


class Answers(NamedTuple):
    """What the queries of a block found.

    `asked` is bool (b,): whether anything relevant is there at all. `values` are of those that
    asked, `predicted` are the classes of those of them that are of one class.
    """

    asked: NDArray[np.bool_]
    values: dict[str, NDArray[np.float64]]
    predicted: NDArray[np.integer]


def measure(
    asking: LabelledVectors,
    answering: LabelledVectors | None = None,
    measuring: Measuring = Measuring(),
) -> Quality:
    """Rank what answers by its distance from each that asks; without it, leave-one-out.

    Relevant is what shares a class with the query. Classified are those of one class, by the votes
    of the nearest that are of one class. Raises NothingToFind.
    """
    import numpy as np

    blocks = list(answers(asking, answering, measuring))
    if not any(block.asked.any() for block in blocks):
        raise NothingToFind
    queries = asking.chosen(np.concatenate([block.asked for block in blocks]))
    values = {
        name: np.concatenate([block.values[name] for block in blocks]) for name in blocks[0].values
    }
    predicted = np.concatenate([block.predicted for block in blocks])
    return Quality(
        excluded=len(asking) - len(queries),
        curve=mean_figures(values.pop("curve"), measuring.seed),
        retrieval=dict(
            zip(
                values,
                mean_figures(np.stack(list(values.values()), axis=1), measuring.seed),
                strict=True,
            )
        ),
        classification=classification(queries, predicted, measuring.seed),
    )


def answers(
    asking: LabelledVectors, answering: LabelledVectors | None, measuring: Measuring
) -> Iterator[Answers]:
    """What each block of queries finds, in their order."""
    if answering is None:
        candidates, blocks = asking, leave_one_out_rankings(asking.vectors)
    else:
        candidates, blocks = answering, rankings(asking.vectors, answering.vectors)
    for rows, order in blocks:
        found = relevance(asking.members[rows], candidates.members, order)
        asked: NDArray[np.bool_] = found.sum(axis=1) > 0
        yield Answers(
            asked,
            retrieval_values(found[asked], measuring.cutoffs),
            predictions(order[asked & asking.is_single[rows]], candidates, measuring.votes),
        )


def relevance(
    wanted: NDArray[np.bool_], members: NDArray[np.bool_], order: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Whether each candidate shares a class with the query, in the order of its ranking (b, m).

    `wanted` has the classes of the queries, (b, classes), `members` those of all candidates.
    """
    import numpy as np

    relevant = np.stack([members[:, classes].any(axis=1) for classes in wanted])
    return np.take_along_axis(relevant, order, axis=1)


def retrieval_values(
    found: NDArray[np.bool_], cutoffs: Sequence[int]
) -> dict[str, NDArray[np.float64]]:
    """Each measure's value for every query, (queries,); of the curve (queries, 11)."""
    values = {"map": metrics.average_precision(found), "r_precision": metrics.r_precision(found)}
    for k in cutoffs:
        values[f"precision_at_{k}"] = metrics.precision_at(found, k)
        values[f"recall_at_{k}"] = metrics.recall_at(found, k)
        values[f"ndcg_at_{k}"] = metrics.ndcg_at(found, k)
    return values | {"curve": metrics.interpolated_precision(found)}


def predictions(
    order: NDArray[np.intp], candidates: LabelledVectors, votes: int
) -> NDArray[np.integer]:
    """The class that the nearest `votes` of one class vote for, (b,); of none, none."""
    import numpy as np

    # All rows have equally many: of those that ask, each leaves out one of one class, or none does.
    can_vote = candidates.is_single[order]
    if not can_vote.any():
        return np.empty(0, np.intp)
    voters = order[can_vote].reshape(len(order), -1)[:, :votes]
    return most_voted(candidates.numbers[voters])


def classification(
    queries: LabelledVectors, predicted: NDArray[np.integer], seed: int
) -> Classification | None:
    """How good the classes `predicted` for those of one class are; None where there is none.

    The classes are those that are asked for or answered, and macro means are over all of these.
    """
    import numpy as np

    if not len(predicted):
        return None
    truth = queries.numbers[queries.is_single]
    present, numbers = np.unique(np.concatenate([truth, predicted]), return_inverse=True)
    truth, predicted = numbers[: len(truth)], numbers[len(truth) :]
    classes = [queries.classes[number] for number in present]
    (accuracy,) = mean_figures((truth == predicted)[:, None].astype(np.float64), seed)
    *per_class, macro = score_figures(truth, predicted, len(classes), seed)
    return Classification(
        figures={"accuracy": accuracy} | {f"macro_{name}": macro[name] for name in macro},
        classes=classes,
        per_class=dict(zip(classes, per_class, strict=True)),
        counts=confusion_matrix(truth, predicted, len(classes)),
    )


def score_figures(
    truth: NDArray[np.integer], predicted: NDArray[np.integer], classes: int, seed: int
) -> list[dict[str, Figure]]:
    """The scores of every class, by name, and last the means of all of them."""
    import numpy as np

    scores = class_scores(truth, predicted, classes)
    samples = resamples(len(truth), seed)
    drawn = np.stack(
        [with_means(class_scores(truth, predicted, classes, times)) for times in samples], axis=1
    )
    queries = [*map(int, scores.support), len(truth)]
    return [
        dict(zip(SCORES, figures_of(values, means, count), strict=True))
        for values, means, count in zip(with_means(scores), drawn, queries, strict=True)
    ]


def with_means(scores: ClassScores) -> NDArray[np.float64]:
    """Precision, recall and F1 of each class, and in the last row their means: (classes + 1, 3)."""
    import numpy as np

    table = np.stack([scores.precision, scores.recall, scores.f1], axis=1)
    return np.vstack([table, table.mean(axis=0)])


def mean_figures(values: NDArray[np.float64], seed: int) -> list[Figure]:
    """The mean of each column of `values` (queries, figures)."""
    return figures_of(values.mean(axis=0), bootstrap_means(values, seed), len(values))


def figures_of(
    values: NDArray[np.float64], samples: NDArray[np.float64], queries: int
) -> list[Figure]:
    """Figures of `values` (figures,), in samples (samples, figures)."""
    low, high = interval(samples)
    rows = zip(values.tolist(), low.tolist(), high.tolist(), samples.T, strict=True)
    return [Figure(value, low, high, queries, drawn) for value, low, high, drawn in rows]

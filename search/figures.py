"""The figures of an evaluation, each with its interval, as they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from search.metrics import RECALL_STEPS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Figure:
    """A share in 0..1 with its 95 % bootstrap interval, and of how many queries it is.

    `samples` (samples,) is what it is in each of the samples that the interval is of.
    """

    value: float
    low: float
    high: float
    queries: int
    samples: NDArray[np.float64] | None = field(default=None, compare=False, repr=False)

    def as_json(self) -> dict[str, float]:
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "queries": self.queries,
        }


@dataclass(frozen=True)
class Classification:
    """`counts` (classes, classes): how many of a class, a row, were taken for each, a column.

    `per_class` has the precision, recall and F1 of each class; their queries are its images.
    """

    figures: dict[str, Figure]
    classes: list[str]
    per_class: dict[str, dict[str, Figure]]
    counts: NDArray[np.int64]

    def as_json(self) -> dict[str, Any]:
        return {
            "per_class": {
                name: {score: figure.as_json() for score, figure in scores.items()}
                for name, scores in self.per_class.items()
            },
            "confusion_matrix": {"classes": self.classes, "counts": self.counts.tolist()},
        }

    def mistakes(self) -> list[tuple[int, str, str]]:
        """How many of one class were taken for another, the most first."""
        import numpy as np

        rows = [
            (int(count), self.classes[truth], self.classes[answer])
            for (truth, answer), count in np.ndenumerate(self.counts)
            if count and truth != answer
        ]
        return sorted(rows, key=lambda row: -row[0])


@dataclass(frozen=True)
class Quality:
    """What was measured. `curve` is the precision at recall 0, .1 ... 1.

    `excluded` counts those for which nothing can be found: they ask no query, but may answer.
    Without an image of one class only there is no classification.
    """

    excluded: int
    retrieval: dict[str, Figure]
    curve: list[Figure]
    classification: Classification | None

    @property
    def queries(self) -> int:
        return self.retrieval["map"].queries

    @property
    def figures(self) -> dict[str, Figure]:
        """Those that are about all classes together."""
        return self.retrieval | (self.classification.figures if self.classification else {})

    def as_json(self) -> dict[str, Any]:
        found = self.classification
        return {
            "queries": self.queries,
            "excluded": self.excluded,
            "figures": {name: figure.as_json() for name, figure in self.figures.items()},
            "precision_recall": [
                {"recall": step / RECALL_STEPS, **figure.as_json()}
                for step, figure in enumerate(self.curve)
            ],
            **(found.as_json() if found else {"per_class": {}, "confusion_matrix": None}),
        }

    def rows(self) -> Iterator[tuple[str, str, Figure]]:
        """Each figure under its name and, where it is about one class, that class."""
        for name, figure in self.figures.items():
            yield name, "", figure
        for step, figure in enumerate(self.curve):
            yield f"precision_at_recall_{step / RECALL_STEPS}", "", figure
        if self.classification:
            for label, scores in self.classification.per_class.items():
                for name, figure in scores.items():
                    yield name, label, figure

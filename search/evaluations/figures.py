"""What was measured, as pages and files tell it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from django.utils.translation import gettext as _

from search.measuring import SCORES
from search.models import Evaluation

MAIN = ("map", "bpref", "precision_at_1", "accuracy", "macro_f1")
KINDS = (
    "map",
    "bpref",
    "r_precision",
    "precision",
    "recall",
    "ndcg",
    "accuracy",
    "macro_precision",
    "macro_recall",
    "macro_f1",
)


@dataclass(frozen=True)
class Told:
    """A figure with its interval, and what it means."""

    name: str
    value: float
    low: float
    high: float
    queries: int

    @property
    def label(self) -> str:
        return label_of(self.name)

    @property
    def meaning(self) -> str:
        return meaning_of(self.name)


def figures_of(evaluation: Evaluation) -> dict[str, Told]:
    """All figures that are about all classes together, by name; none until they are there."""
    found = (evaluation.found or {}).get("figures", {})
    return {name: Told(name, **found[name]) for name in sorted(found, key=place_of)}


def place_of(name: str) -> tuple[int, int]:
    """Where a figure is told: PostgreSQL does not keep the order of what a JSON object holds."""
    kind, _at, k = name.partition("_at_")
    return KINDS.index(kind), int(k or 0)


def main_figures(evaluation: Evaluation) -> list[Told]:
    """The few that say most."""
    known = figures_of(evaluation)
    return [known[name] for name in MAIN if name in known]


def label_of(name: str) -> str:
    kind, _at, k = name.partition("_at_")
    labels = {
        "map": _("mAP"),
        "bpref": _("bpref"),
        "r_precision": _("R-precision"),
        "accuracy": _("Accuracy"),
        "macro_precision": _("Precision, mean of the classes"),
        "macro_recall": _("Recall, mean of the classes"),
        "macro_f1": _("F1, mean of the classes"),
        "precision": _("Precision at %(k)s"),
        "recall": _("Recall at %(k)s"),
        "ndcg": _("nDCG at %(k)s"),
    }
    return labels[kind] % {"k": k}


def meaning_of(name: str) -> str:
    kind, _at, k = name.partition("_at_")
    meanings = {
        "map": _("How far up the right results are: 1 where no wrong one is before any of them."),
        "bpref": _("How seldom a wrong result is before a right one, of those that were marked."),
        "r_precision": _("How many are right of as many results as there are right ones."),
        "accuracy": _("How many pictures are taken for what they are, by the votes of others."),
        "macro_precision": _("Of those taken for a class, how many are of it."),
        "macro_recall": _("Of those of a class, how many are taken for it."),
        "macro_f1": _("Precision and recall in one: their harmonic mean."),
        "precision": _("How many of the first %(k)s are right."),
        "recall": _("How many of all right ones are among the first %(k)s."),
        "ndcg": _("How many of the first %(k)s are right, where upper ones count more."),
    }
    return meanings[kind] % {"k": k}


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """What is taken away of it: the names are those of `evaluate_retrieval --json`."""
    return {
        "id": evaluation.pk,
        "encoder_digest": evaluation.encoder_digest,
        "started_at": evaluation.created_at.isoformat(),
        "seconds": evaluation.seconds,
        **evaluation.found,
        "worker": {
            "embedded": evaluation.embedded,
            "images_per_second": evaluation.images_per_second,
        },
        "parameters": evaluation.parameters,
    }


def write_csv(evaluations: Sequence[Evaluation], out: TextIO) -> None:
    """One line a figure: whose it is, its name, the class it is about or none, and its numbers."""
    writer = csv.writer(out)
    head = ["evaluation", "encoder", "figure", "class", "value", "low", "high", "queries"]
    writer.writerow(head)
    for evaluation in evaluations:
        for name, label, figure in rows(evaluation.found):
            numbers = [figure[key] for key in head[-4:]]
            writer.writerow([evaluation.pk, evaluation.encoder_name, name, label, *numbers])


def rows(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name in sorted(found["figures"], key=place_of):
        yield name, "", found["figures"][name]
    for point in found["precision_recall"]:
        yield f"precision_at_recall_{point['recall']}", "", point
    for label, scores in sorted(found["per_class"].items()):
        for name in SCORES:
            yield name, label, scores[name]

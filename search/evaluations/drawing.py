"""The charts of evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils.translation import gettext as _

from search.charts import (
    Bar,
    BarChart,
    Group,
    LineChart,
    MatrixChart,
    Point,
    Series,
    bar_chart,
    line_chart,
    matrix_chart,
)

NOTHING = Bar(None)


class Found(Protocol):
    """What was measured, as `Quality.as_json` tells it."""

    @property
    def found(self) -> Any: ...


def curves(evaluations: Sequence[Found], names: Sequence[str]) -> LineChart:
    """The precision-recall curves, each with its interval."""
    return line_chart(
        "curve",
        _("Precision and recall"),
        [
            Series(name, curve(evaluation))
            for name, evaluation in zip(names, evaluations, strict=True)
        ],
        x_label=_("Share of the right ones found (recall)"),
        y_label=_("Precision"),
        shares=True,
        whole=False,
    )


def curve(evaluation: Found) -> list[Point]:
    return [
        Point(point["recall"], point["value"], point["low"], point["high"])
        for point in evaluation.found["precision_recall"]
    ]


def class_bars(evaluation: Found) -> BarChart | None:
    """F1, precision and recall of each class, the weakest first."""
    per_class = evaluation.found["per_class"]
    scores = {"f1": _("F1"), "precision": _("Precision"), "recall": _("Recall")}
    groups = [
        Group(name, [bar(found[score]) for score in scores], found["f1"]["queries"])
        for name, found in per_class.items()
    ]
    groups.sort(key=lambda group: group.bars[0].value or 0)
    title = _("By class, the weakest first")
    return bar_chart("classes", title, list(scores.values()), groups) if groups else None


def compared_bars(evaluations: Sequence[Found], names: Sequence[str]) -> BarChart | None:
    """The F1 of each class by each encoder, where they differ most first."""
    found = [evaluation.found["per_class"] for evaluation in evaluations]
    labels = sorted(set().union(*found))
    groups = [
        Group(label, [bar(one[label]["f1"]) if label in one else NOTHING for one in found])
        for label in labels
    ]
    groups.sort(key=lambda group: -spread(group))
    title = _("F1 by class, where they differ most first")
    return bar_chart("classes", title, names, groups) if groups else None


def spread(group: Group) -> float:
    values = [one.value for one in group.bars if one.value is not None]
    return max(values) - min(values)


def bar(figure: dict[str, float]) -> Bar:
    return Bar(figure["value"], figure["low"], figure["high"])


def confusion(evaluation: Found) -> MatrixChart | None:
    """What was taken for what, by the votes of neighbours."""
    found = evaluation.found["confusion_matrix"]
    title = _("Confusion matrix")
    return found and matrix_chart("confusion", title, found["classes"], found["counts"])

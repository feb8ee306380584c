"""The charts of trainings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from search.charts import LineChart, Point, Series, line_chart
from search.evaluations import drawing as evaluations
from search.models import Training

# How an encoder stands to what was trained.
ROLES: dict[str, Callable[[], str]] = {
    "trained": lambda: _("the new one"),
    "base": lambda: _("what it began as"),
    "active": lambda: _("the one that answers"),
    "untrained": lambda: _("the same network, untrained"),
    "histogram": lambda: _("for comparison"),
}


@dataclass(frozen=True)
class Tested:
    """What one encoder made of the test images, as the charts of evaluations take it."""

    name: str
    found: dict[str, Any]
    queries: list[dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """An encoder's figures in the table; each may be missing."""

    name: str
    role: str
    figures: list[dict[str, float] | None]
    images_per_second: float


def losses(training: Training) -> LineChart:
    return _by_epoch(training, "loss", _("Loss"), shares=False)


def accuracies(training: Training) -> LineChart:
    return _by_epoch(training, "accuracy", _("Accuracy of the head"), shares=True)


def _by_epoch(training: Training, name: str, title: str, *, shares: bool) -> LineChart:
    series = [
        Series(_("learned from"), list(_points(training, name))),
        Series(_("validation"), list(_points(training, f"validation_{name}"))),
    ]
    return line_chart(name, title, series, x_label=_("Epoch"), y_label=title, shares=shares)


def _points(training: Training, name: str) -> Iterator[Point]:
    for epoch in training.epochs:
        if epoch[name] is not None:
            yield Point(epoch["number"], epoch[name])


def tested(training: Training) -> list[Tested]:
    """Those whose test images could ask each other something."""
    return [
        Tested(one["encoder"], one["among_test"], one["queries"])
        for one in training.report["encoders"]
        if one["among_test"]
    ]


def sampled(training: Training) -> list[Tested]:
    """The new encoder and the next one: two are looked at side by side."""
    return tested(training)[:2]


def report_charts(training: Training) -> dict[str, Any]:
    """The head's confusion matrix and scores by class, and all encoders' curves."""
    compared = tested(training)
    names = [one.name for one in compared]
    ctx: dict[str, Any] = {"curve": evaluations.curves(compared, names) if compared else None}
    if head := training.report["head"]:
        named = Tested(training.name, head, [])
        ctx["bars"] = evaluations.class_bars(named)
        ctx["matrix"] = evaluations.confusion(named)
    return ctx


def compared_rows(training: Training) -> list[Row]:
    return [
        Row(
            one["encoder"],
            ROLES[one["role"]](),
            [
                _figure(one["among_test"], "map"),
                _figure(one["among_test"], "precision_at_1"),
                _figure(one["against_learned"], "accuracy"),
                _figure(one["against_learned"], "macro_f1"),
                _figure(one["unseen"], "map"),
            ],
            one["images_per_second"],
        )
        for one in training.report["encoders"]
    ]


def _figure(quality: dict[str, Any] | None, name: str) -> dict[str, float] | None:
    figure: dict[str, float] | None = (quality or {}).get("figures", {}).get(name)
    return figure

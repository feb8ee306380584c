"""Bars of shares, several in a group, each with the interval it may lie in as a whisker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.charts.axes import Axis, Tick, axis_of, number_text

WIDTH = 400
LEFT, RIGHT, TOP = 112, 388, 22
THICKNESS, GAP = 9, 9
# So many letters of a label have room beside its bars.
LETTERS = 14


@dataclass(frozen=True)
class Bar:
    """A share in 0..1; None where there is none. Its interval is told where it is known."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return number_text(self.value)
        bounds = {"low": number_text(self.low), "high": number_text(self.high)}
        return number_text(self.value) + _(" (%(low)s to %(high)s)") % bounds


@dataclass(frozen=True)
class Group:
    """The bars of one label, one a series; `count` is of how many images they are."""

    label: str
    bars: Sequence[Bar]
    count: int | None = None


@dataclass(frozen=True)
class DrawnBar:
    """`series` counts from 1. Without whisker `low` is `high`."""

    series: int
    y: float
    middle: float
    width: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class DrawnGroup:
    label: str
    short: str
    y: float
    bars: list[DrawnBar]


@dataclass(frozen=True)
class BarChart:
    """What a template draws; `groups` are all of them, drawn are the first `shown`."""

    key: str
    title: str
    series: Sequence[str]
    groups: Sequence[Group]
    axis: Axis
    shown: int
    left: int = LEFT
    top: int = TOP
    width: int = WIDTH
    thickness: int = THICKNESS

    @property
    def pitch(self) -> int:
        return len(self.series) * THICKNESS + GAP

    @property
    def height(self) -> int:
        return TOP + min(self.shown, len(self.groups)) * self.pitch + 4

    @property
    def ticks(self) -> list[Tick]:
        return self.axis.ticks

    @property
    def is_cut(self) -> bool:
        return self.shown < len(self.groups)

    @property
    def has_counts(self) -> bool:
        return any(group.count is not None for group in self.groups)

    @property
    def drawn(self) -> list[DrawnGroup]:
        return [self._group(place, group) for place, group in enumerate(self.groups[: self.shown])]

    def _group(self, place: int, group: Group) -> DrawnGroup:
        top = TOP + place * self.pitch
        bars = [
            self._bar(number, top + GAP / 2 + (number - 1) * THICKNESS, group.label, bar)
            for number, bar in enumerate(group.bars, 1)
            if bar.value is not None
        ]
        return DrawnGroup(group.label, shortened(group.label), top + self.pitch / 2, bars)

    def _bar(self, number: int, y: float, label: str, bar: Bar) -> DrawnBar:
        value = bar.value or 0.0
        return DrawnBar(
            series=number,
            y=y,
            middle=y + THICKNESS / 2 - 0.5,
            width=round(self.axis.at(value) - LEFT, 1),
            low=self.axis.at(value if bar.low is None else bar.low),
            high=self.axis.at(value if bar.high is None else bar.high),
            text=f"{label}, {self.series[number - 1]}: {bar}",
        )

    @property
    def description(self) -> str:
        """In words what the bars show, for those who do not see them."""
        return " ".join(
            self._described(number, name) for number, name in enumerate(self.series)
        ).strip()

    def _described(self, number: int, name: str) -> str:
        known = [
            (value, group.label)
            for group in self.groups
            if (value := group.bars[number].value) is not None
        ]
        if not known:
            return ""
        (low, worst), (high, best) = min(known), max(known)
        text = _("%(name)s is lowest for %(worst)s, %(low)s, and highest for %(best)s, %(high)s.")
        told = {"low": number_text(low), "high": number_text(high), "worst": worst, "best": best}
        return text % {"name": name, **told}


def bar_chart(
    key: str, title: str, series: Sequence[str], groups: Sequence[Group], most: int = 50
) -> BarChart:
    """A chart of shares. Of more than `most` groups the first are drawn; the table has all."""
    return BarChart(key, title, series, groups, axis_of([0, 1], LEFT, RIGHT), most)


def shortened(label: str, letters: int = LETTERS) -> str:
    return label if len(label) <= letters else f"{label[: letters - 1].rstrip()}…"

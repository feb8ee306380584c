"""Line charts: one line a series, with a band where its numbers have an interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import isfinite

from django.utils.translation import gettext as _

from search.charts.axes import Axis, axis_of, number_text

WIDTH, HEIGHT = 400, 260
LEFT, RIGHT, TOP, BOTTOM = 46, 386, 12, 216
# Beyond so many points each is told by the line alone.
MOST_DOTS = 40


@dataclass(frozen=True)
class Point:
    """A number `y` at `x`, and between what it lies, if that is known."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None

    @property
    def is_drawn(self) -> bool:
        return isfinite(self.x) and isfinite(self.y)

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return number_text(self.y)
        bounds = {"low": number_text(self.low), "high": number_text(self.high)}
        return number_text(self.y) + _(" (%(low)s to %(high)s)") % bounds


@dataclass(frozen=True)
class Series:
    """Points by ascending x under a name. A number that is none, as a loss of NaN, is a gap."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Line:
    """A series as it is drawn; `paths` and `band` are the `points` of SVG elements."""

    name: str
    paths: list[str]
    band: str
    dots: list[Dot]


@dataclass(frozen=True)
class LineChart:
    """What a template draws. `key` is its own within the page."""

    key: str
    title: str
    x_label: str
    y_label: str
    series: Sequence[Series]
    x_axis: Axis
    y_axis: Axis
    width: int = WIDTH
    height: int = HEIGHT
    lines: list[Line] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", [self._line(series) for series in self.series])

    def _line(self, series: Series) -> Line:
        points = [point for point in series.points if point.is_drawn]
        dots = [
            Dot(*self._place(point.x, point.y), f"{number_text(point.x)}: {point}")
            for point in points
        ]
        return Line(
            series.name,
            [self._path(part) for part in unbroken(series.points)],
            self._band(points),
            dots if len(points) <= MOST_DOTS else [],
        )

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return self.x_axis.at(x), self.y_axis.at(y)

    def _path(self, points: Sequence[Point]) -> str:
        return " ".join(coordinates(*self._place(point.x, point.y)) for point in points)

    def _band(self, points: Sequence[Point]) -> str:
        """Along the upper bounds and back along the lower ones."""
        there = [self._place(one.x, one.high) for one in points if one.high is not None]
        back = [self._place(one.x, one.low) for one in reversed(points) if one.low is not None]
        return " ".join(coordinates(*place) for place in [*there, *back])

    @property
    def is_empty(self) -> bool:
        return not any(line.paths for line in self.lines)

    @property
    def description(self) -> str:
        """In words what the lines show, for those who do not see them."""
        return " ".join(filter(None, map(described, self.series)))

    @property
    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """The numbers as a table: at each x what every series has there."""
        known = [{point.x: point for point in series.points} for series in self.series]
        for x in sorted({x for points in known for x in points}):
            cells = [str(points[x]) if x in points else number_text(None) for points in known]
            yield number_text(x), cells


def line_chart(
    key: str,
    title: str,
    series: Sequence[Series],
    *,
    x_label: str,
    y_label: str,
    shares: bool = False,
    whole: bool = True,
) -> LineChart:
    """A chart of `series`; of `shares` the vertical axis goes from 0 to 1.

    `whole` numbers, such as epochs, are told as these along the horizontal axis.
    """
    points = [point for one in series for point in one.points if point.is_drawn]
    bounds = [bound for point in points for bound in (point.low, point.high) if bound is not None]
    heights = [0.0, 1.0] if shares else [*(point.y for point in points), *bounds]
    return LineChart(
        key,
        title,
        x_label,
        y_label,
        series,
        x_axis=axis_of((point.x for point in points), LEFT, RIGHT, most=8, whole=whole),
        y_axis=axis_of(heights, BOTTOM, TOP),
    )


def unbroken(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The runs of points between those that can't be drawn."""
    for is_drawn, run in groupby(points, key=lambda point: point.is_drawn):
        if is_drawn:
            yield list(run)


def coordinates(x: float, y: float) -> str:
    return f"{x:g},{y:g}"


def described(series: Series) -> str:
    points = [point for point in series.points if point.is_drawn]
    if not points:
        return ""
    lowest, highest = min(points, key=lambda one: one.y), max(points, key=lambda one: one.y)
    text = _("%(name)s goes from %(first)s to %(last)s; lowest is %(lowest)s, highest %(highest)s.")
    return text % {
        "name": series.name,
        "first": number_text(points[0].y),
        "last": number_text(points[-1].y),
        "lowest": number_text(lowest.y),
        "highest": number_text(highest.y),
    }

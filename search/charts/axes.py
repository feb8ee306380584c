"""Axes whose ticks are numbers that people count in, and texts for numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

from django.utils.formats import number_format

# What rounding may leave of a whole number of steps.
ROUNDING = 1e-9


def nice_step(span: float, most: int, *, whole: bool = False) -> float:
    """The least of 1, 2 and 5 times a power of ten of which `span` has at most `most`.

    Heckbert, "Nice numbers for graph labels", in Graphics Gems (1990). `whole` ones are 1 or more.
    """
    needed = span / most
    power = 10.0 ** floor(log10(needed))
    step = next(nice * power for nice in (1, 2, 5, 10) if nice * power >= needed * (1 - ROUNDING))
    return max(1.0, step) if whole else step


def decimals_of(step: float) -> int:
    """How many decimals tell a number of these steps."""
    return max(0, -floor(log10(step) + ROUNDING))


def number_text(value: float | None) -> str:
    """A number in four digits, as tables have it; a dash where there is none."""
    if value is None or not isfinite(value):
        return "–"
    text = f"{value:.4f}" if abs(value) <= 1 and value != int(value) else f"{value:.5g}"
    return number_format(text)


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Axis:
    """Numbers from `low` to `high` along a side that goes from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    step: float

    def at(self, value: float) -> float:
        """Where a number lies, to a tenth of a unit."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[Tick]:
        first = ceil(self.low / self.step - ROUNDING)
        last = floor(self.high / self.step + ROUNDING)
        decimals = decimals_of(self.step)
        values = (number * self.step for number in range(first, last + 1))
        # Adding 0 makes 0 of -0.
        return [
            Tick(self.at(value), number_format(f"{round(value, decimals) + 0:.{decimals}f}"))
            for value in values
        ]


def axis_of(
    values: Iterable[float], start: float, end: float, most: int = 5, *, whole: bool = False
) -> Axis:
    """An axis that holds all `values`, from one nice number to another.

    Of `whole` numbers it goes from the first to the last.
    """
    known = [value for value in values if isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    if low == high:
        low, high = (low, low + 1) if whole or not low else (low - abs(low) / 2, low + abs(low) / 2)
    step = nice_step(high - low, most, whole=whole)
    if not whole:
        low, high = floor(low / step + ROUNDING) * step, ceil(high / step - ROUNDING) * step
    return Axis(low, high, start, end, step)

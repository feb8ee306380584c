"""What lies over a picture to show which of its places count. No ORM in here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from search.crops import Crop
from search.models.explanations import Grid

WHOLE = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True)
class Cell:
    """A place, in rows and columns of its map, and how much it counts, 0..1."""

    x: int
    y: int
    width: int
    height: int
    level: float


@dataclass(frozen=True)
class Overlay:
    """A map of what each place adds to a similarity."""

    values: Grid

    @property
    def rows(self) -> int:
        return len(self.values)

    @property
    def columns(self) -> int:
        return len(self.values[0])

    def cells(self) -> Iterator[Cell]:
        """Row by row. The brightest is 1; what adds nothing, or takes away, is 0.

        Those at an edge reach one further, so that nothing fades there when all are blurred.
        """
        most = max(max(row) for row in self.values)
        for row, values in enumerate(self.values):
            y, height = reaching_out(row, self.rows)
            for column, value in enumerate(values):
                x, width = reaching_out(column, self.columns)
                yield Cell(x, y, width, height, max(value, 0) / most if most > 0 else 0.0)


def reaching_out(index: int, count: int) -> tuple[int, int]:
    """Start and length of a cell of `count`, longer by one at each end of them."""
    start = index - (index == 0)
    return start, index + 1 + (index == count - 1) - start


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Shown:
    """A picture, or the part of it that is meant, with what lies over it."""

    name: str
    width: int
    height: int
    # Where it is, and where more is told of it; empty while there is nothing to show.
    source: str
    address: str
    crop: Crop = WHOLE
    overlay: Overlay | None = None

    @property
    def box(self) -> Box:
        """The part in pixels."""
        x, y, width, height = self.crop
        return Box(x * self.width, y * self.height, width * self.width, height * self.height)

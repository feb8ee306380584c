"""Confusion matrices: how many of a class, a row, were taken for each, a column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from search.charts.bars import shortened

LABELS = 110
# Of more classes than MOST the CONFUSED most confused ones are drawn.
MOST, CONFUSED = 50, 30
# Up to so many classes a cell has room for its number.
NUMBERED = 16

Counts = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Cell:
    """`count` of the `size` images of a class, a row, were taken for one, a column."""

    row: int
    column: int
    truth: str
    answer: str
    count: int
    size: int

    @property
    def share(self) -> float:
        return round(self.count / self.size, 3)

    @property
    def opacity(self) -> float:
        """One of many must be seen, too."""
        return round(0.15 + 0.85 * self.share, 3)

    @property
    def is_right(self) -> bool:
        return self.row == self.column

    @property
    def text(self) -> str:
        said = vars(self)
        if self.is_right:
            return _("%(truth)s: %(count)s of %(size)s recognised") % said
        return _("%(truth)s: %(count)s of %(size)s taken for %(answer)s") % said


@dataclass(frozen=True)
class Header:
    at: float
    label: str
    short: str


@dataclass(frozen=True)
class MatrixChart:
    """What a template draws: some `classes` of `total`, and their counts."""

    key: str
    title: str
    classes: Sequence[str]
    counts: Counts
    # How many of each class there are, whatever they were taken for.
    sizes: Sequence[int]
    total: int
    left: int = LABELS
    top: int = LABELS

    @property
    def cell(self) -> int:
        """The side of a cell."""
        return 26 if self.is_numbered else 15

    @property
    def is_numbered(self) -> bool:
        return len(self.classes) <= NUMBERED

    @property
    def is_cut(self) -> bool:
        return len(self.classes) < self.total

    @property
    def side(self) -> int:
        return self.cell * len(self.classes)

    @property
    def width(self) -> int:
        return LABELS + self.side + 8

    height = width

    @property
    def headers(self) -> list[Header]:
        """Of rows and of columns alike: where the middle of each is, from the matrix's edge."""
        return [
            Header(place * self.cell + self.cell / 2, name, shortened(name))
            for place, name in enumerate(self.classes)
        ]

    @property
    def cells(self) -> Iterator[Cell]:
        """Those that hold something, row by row."""
        for row, counts in enumerate(self.counts):
            for column, count in enumerate(counts):
                if count:
                    names = self.classes[row], self.classes[column]
                    yield Cell(row, column, *names, count, self.sizes[row])

    @property
    def rows(self) -> Iterator[tuple[str, Sequence[int]]]:
        return zip(self.classes, self.counts, strict=True)

    @property
    def mistakes(self) -> list[Cell]:
        """What was taken for something else, the most frequent first."""
        wrong = [cell for cell in self.cells if not cell.is_right]
        return sorted(wrong, key=lambda cell: (-cell.count, -cell.share))

    @property
    def description(self) -> str:
        """In words what the matrix shows, for those who do not see it."""
        right = sum(cell.count for cell in self.cells if cell.is_right)
        total = {"right": right, "total": sum(self.sizes)}
        text = _("%(right)s of %(total)s are on the diagonal, that is, right.") % total
        most = [cell.text for cell in self.mistakes[:3]]
        return " ".join([text, *(f"{said}." for said in most)])


def matrix_chart(key: str, title: str, classes: Sequence[str], counts: Counts) -> MatrixChart:
    """The whole matrix, or the most confused classes of many, in their order."""
    chosen = list(range(len(classes)))
    if len(classes) > MOST:
        chosen = sorted(sorted(chosen, key=lambda place: -confusion(counts, place))[:CONFUSED])
    return MatrixChart(
        key,
        title,
        [classes[place] for place in chosen],
        [[counts[row][column] for column in chosen] for row in chosen],
        [sum(counts[row]) for row in chosen],
        len(classes),
    )


def confusion(counts: Counts, place: int) -> int:
    """How many of this class were taken for another, or of others for it."""
    column = sum(row[place] for row in counts)
    return sum(counts[place]) + column - 2 * counts[place][place]

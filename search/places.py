"""Where a page of an answer begins, as it stands in an address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Self

from search.similarity import Rank

MOST_DIGITS = 18


@dataclass(frozen=True)
class Place:
    """A page begins behind a result, in the answer as it was at a moment.

    Unlike a number of results to pass by it stays where it is when images come and go.
    """

    # The primary key of the one that answers: distances by another mean something else.
    encoder: int
    as_of: datetime
    # How many results are before it.
    passed: int
    after: Rank
    # The last result of the block in which near-identical ones are to be grouped first, and behind
    # which one that block begins; None is the first of all. The same where it was not read yet.
    until: Rank | None = None
    block: Rank | None = None

    def __str__(self) -> str:
        ranks = [*self.after, *(self.until or ()), *(self.block or ())]
        return "_".join(map(repr, [self.encoder, self.as_of.timestamp(), self.passed, *ranks]))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError where `text` is no place."""
        encoder, moment, passed, *ranks = text.split("_")
        if len(ranks) not in {2, 4, 6}:
            raise ValueError(text)
        return cls(whole(encoder), moment_of(moment), whole(passed), *map(rank_of, pairs(ranks)))


def pairs(texts: list[str]) -> Iterator[tuple[str, str]]:
    return zip(texts[::2], texts[1::2], strict=True)


def rank_of(texts: tuple[str, str]) -> Rank:
    distance, image = texts
    return finite(distance), whole(image)


def moment_of(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(finite(text), tz=UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error


def finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def whole(text: str) -> int:
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise ValueError(text)
    return int(text)

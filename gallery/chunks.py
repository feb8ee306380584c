"""Many things, some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Thing = TypeVar("Thing")


def chunks(things: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    """Lists of `size` of them in their order; the last may be shorter."""
    remaining = iter(things)
    while chunk := list(islice(remaining, size)):
        yield chunk

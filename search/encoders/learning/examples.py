"""Labelled pictures on their way to the network, decoded by threads while it is at work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NamedTuple

from gallery.decoding import UndecodableImage, reason_for
from search.encoders.devices import processors
from search.encoders.learning.augmenting import changed
from search.encoders.learning.recipes import Augmentation
from search.encoders.pictures import open_squeezed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Pictures are kept somewhat larger than the network sees them, so that a part has detail, too.
ROOM = 1.25
# Of decoded pictures, so many bytes stay in memory; the others are decoded each time.
MEMORY = 400 * 2**20


@dataclass(frozen=True)
class Example:
    """A picture and its class. `key` is whatever names it to the caller."""

    key: int
    label: int
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Pair:
    """Two pictures that somebody called alike, or not; their labels are of no matter."""

    one: Example
    other: Example
    are_alike: bool


class PairBatch(NamedTuple):
    """uint8 RGB (n, size, size, 3) twice, and 1 where the two are alike, (n,)."""

    one: NDArray[np.uint8]
    other: NDArray[np.uint8]
    are_alike: NDArray[np.float32]


class Batch(NamedTuple):
    """uint8 RGB (n, size, size, 3), and the classes (n,)."""

    pixels: NDArray[np.uint8]
    labels: NDArray[np.int32]


@dataclass
class Pictures:
    """Examples' pixels for a network that sees `size` pixels a side.

    `unreadable` tells why those that were asked for in vain can't be had, by key.
    """

    size: int
    unreadable: dict[int, str] = field(default_factory=dict)
    kept: dict[int, NDArray[np.uint8]] = field(default_factory=dict)
    memory: int = MEMORY

    @property
    def side(self) -> int:
        return round(self.size * ROOM)

    def readable(self, examples: Sequence[Example]) -> Iterator[Example]:
        """Those whose pictures can be had; the others are noted."""
        with ThreadPoolExecutor(processors()) as threads:
            found = threads.map(self.square, examples)
            for example, square in zip(examples, found, strict=True):
                if square is not None:
                    yield example

    def square(self, example: Example) -> NDArray[np.uint8] | None:
        """The whole picture as (side, side, 3), or None; raises OSError when the disk fails."""
        import numpy as np

        if (known := self.kept.get(example.key)) is not None:
            return known
        try:
            with example.open() as file:
                square = np.rint(open_squeezed(file, self.side)).astype(np.uint8)
        except (UndecodableImage, FileNotFoundError) as error:
            self.unreadable[example.key] = reason_for(error)
            return None
        if (len(self.kept) + 1) * square.nbytes <= self.memory:
            self.kept[example.key] = square
        return square

    def batches(
        self, examples: Sequence[Example], batch_size: int, how: Augmentation, seed: Sequence[int]
    ) -> Iterator[Batch]:
        """All examples in their order; each is changed by a chance of its own, told by `seed`."""
        parts = [
            list(enumerate(examples))[start : start + batch_size]
            for start in range(0, len(examples), batch_size)
        ]
        with ThreadPoolExecutor(processors()) as threads:

            def begun(part: list[tuple[int, Example]]) -> Iterator[NDArray[np.uint8] | None]:
                return threads.map(lambda one: self._view(one[1], how, [*seed, one[0]]), part)

            ahead: Iterator[NDArray[np.uint8] | None] = iter(())
            for part, following in zip([[], *parts], [*parts, []], strict=True):
                views, ahead = ahead, begun(following)
                if batch := _batch(part, views):
                    yield batch

    def pair_batch(
        self, pairs: Sequence[Pair], how: Augmentation, seed: Sequence[int]
    ) -> PairBatch | None:
        """The pairs whose pictures can both be had; None where there is none."""
        import numpy as np

        found = [
            (one, other, pair.are_alike)
            for place, pair in enumerate(pairs)
            if (one := self._view(pair.one, how, [*seed, place, 0])) is not None
            and (other := self._view(pair.other, how, [*seed, place, 1])) is not None
        ]
        if not found:
            return None
        ones, others, alike = zip(*found, strict=True)
        return PairBatch(np.stack(ones), np.stack(others), np.array(alike, np.float32))

    def _view(
        self, example: Example, how: Augmentation, seed: Sequence[int]
    ) -> NDArray[np.uint8] | None:
        import numpy as np

        square = self.square(example)
        if square is None:
            return None
        return changed(square, self.size, how, np.random.default_rng(seed))


def _batch(
    part: list[tuple[int, Example]], views: Iterator[NDArray[np.uint8] | None]
) -> Batch | None:
    import numpy as np

    found = [
        (view, example.label)
        for (_, example), view in zip(part, views, strict=True)
        if view is not None
    ]
    if not found:
        return None
    pixels, labels = zip(*found, strict=True)
    return Batch(np.stack(pixels), np.array(labels, np.int32))

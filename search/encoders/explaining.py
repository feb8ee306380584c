"""Which places of a picture make up its vector, and two pictures' similarity: all of it, exactly.

A vector that is pooled from a map of features and goes through linear layers is a sum over the
places of that map, and the similarity of two such vectors one over the pairs of their places:
Stylianou et al., "Visualizing deep similarity networks" (2019); Zhu et al., "Visual explanation for
deep metric learning" (arXiv 1909.12977). Scaling a vector, to unit length say, scales its parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Rows and columns that an explanation has at most: a finer map says no more to the eye.
MOST_CELLS = 12
# Powers need features that are not negative: see GeM in Radenovic et al. (2018).
LEAST_FEATURE = 1e-6
LEAST_LENGTH = 1e-12


class Unexplainable(Exception):
    """The encoder can't tell which places count; the message says why."""


class Step(Protocol):
    """What becomes of a vector (d,), said of its n parts (n, d), which go on adding up to it."""

    def of(self, parts: NDArray[np.float64]) -> NDArray[np.float64]: ...


@dataclass(frozen=True, eq=False)
class Linear:
    """x @ kernel + bias; a kernel of one dimension multiplies each number by its own.

    The bias belongs to no place, so each gets the same share of it. Where it centres the vectors, a
    place then counts by how it differs from the average one.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]

    def of(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        moved = parts * self.kernel if self.kernel.ndim == 1 else parts @ self.kernel
        return np.asarray(moved + self.bias / len(parts))


@dataclass(frozen=True)
class UnitLength:
    """x / |x|"""

    def of(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return parts / max(float(np.linalg.norm(parts.sum(axis=0))), LEAST_LENGTH)


@dataclass(frozen=True)
class UnitDeviation:
    """(x - mean) / deviation, over the numbers of each vector."""

    epsilon: float

    def of(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        variance = float(parts.sum(axis=0).var())
        centred = parts - parts.mean(axis=1, keepdims=True)
        return np.asarray(centred / np.sqrt(variance + self.epsilon))


@dataclass(frozen=True, eq=False)
class Joined:
    """Several vectors made of the same one, each by steps of its own, one after the other."""

    branches: tuple[tuple[Step, ...], ...]

    def of(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return np.concatenate([taken(branch, parts) for branch in self.branches], axis=1)


def taken(steps: Iterable[Step], parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The parts after all steps."""
    for step in steps:
        parts = step.of(parts)
    return parts


@dataclass(frozen=True, eq=False)
class Readout:
    """How a network makes its vector of a map of features: pooled, then by steps, to unit length.

    `power` is that of the generalized mean over all places; 1 is the mean.
    """

    power: float
    steps: tuple[Step, ...] = ()

    def followed_by(self, *steps: Step) -> Readout:
        return Readout(self.power, (*self.steps, *steps))

    def parts(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """What each place adds to the unit vector: of features (h, w, c) parts (h, w, d)."""
        import numpy as np

        height, width, channels = features.shape
        parts = pooled(features.reshape(-1, channels).astype(np.float64), self.power)
        return taken((*self.steps, UnitLength()), parts).reshape(height, width, -1)


def pooled(places: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    """What each of n places (n, c) adds to their generalized mean (c,), channel by channel.

    It is each place's share of the sum of powers that the mean is made of.
    """
    import numpy as np

    if power == 1:
        return places / len(places)
    powers = np.maximum(places, LEAST_FEATURE) ** power
    mean = powers.mean(axis=0) ** (1 / power)
    return np.asarray(powers / powers.sum(axis=0) * mean)


def matches(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each pair of places adds to the similarity of two pictures.

    Of parts (h, w, d) and (i, j, d) float64 of shape (h, w, i, j), no side above MOST_CELLS.
    """
    import numpy as np

    return np.asarray(np.tensordot(coarsened(one), coarsened(other), axes=(2, 2)))


def coarsened(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The parts (h, w, d) as those of no more than MOST_CELLS rows and columns."""
    import numpy as np

    rows, columns = (shares(side, min(side, MOST_CELLS)) for side in parts.shape[:2])
    return np.asarray(np.einsum("rh,cw,hwd->rcd", rows, columns, parts, optimize=True))


def shares(count: int, fewer: int) -> NDArray[np.float64]:
    """How much of each of `count` cells lies in each of `fewer` as long together: (fewer, count).

    All of each is somewhere, so sums stay what they are.
    """
    import numpy as np

    starts, edges = np.arange(count), np.arange(fewer + 1)[:, None] * count / fewer
    overlaps = np.minimum(starts + 1, edges[1:]) - np.maximum(starts, edges[:-1])
    return np.asarray(np.maximum(overlaps, 0.0))

"""What an encoder is. Nothing in here loads a network library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from search.encoders.devices import Plan

    # A picture as `pictures.open_squeezed` makes it of a file: RGB in 0..255, with fractions,
    # (input_size, input_size, 3).
    Pixels = NDArray[np.float32]


class UnknownEncoder(LookupError):
    """No encoder has this name; the message names those there are."""


class UnloadableEncoder(Exception):
    """The encoder is here and can't be loaded for now; the message says why."""


@dataclass(frozen=True)
class EncoderIdentity:
    """What tells an encoder from every other: vectors of different digests are never compared."""

    name: str
    digest: str
    dimensions: int


class Encoder(Protocol):
    """A network, its weights, its preprocessing and its output size, loaded and ready."""

    name: str
    # Hex SHA-256 over the weights, the preprocessing, the architecture and the output size.
    digest: str
    dimensions: int
    # How the vectors are computed on this machine.
    plan: Plan
    # Pixels a side that the network sees; `pictures` opens files for it.
    input_size: int

    def encode(self, images: Sequence[Image | Pixels]) -> NDArray[np.float32]:
        """Return unit-length vectors, float32 of shape (len(images), dimensions).

        Images are upright, of any mode and size, or pixels already. The vector of an image depends
        neither on its place in the batch nor on the other images of it, up to 1e-3 in distance.
        """
        ...

    def feature_map(self, image: Image | Pixels) -> NDArray[np.float32]:
        """Return the features before pooling, float32 of shape (rows, columns, channels)."""
        ...

    def parts(self, image: Image | Pixels) -> NDArray[np.float64]:
        """Return what each place of the image adds to its vector: (rows, columns, dimensions).

        All of them add up to what `encode` returns. Raises Unexplainable where there is no such sum
        (see `search.encoders.explaining`).
        """
        ...


class BuiltInEncoder(Encoder, Protocol):
    """One whose class settings.ENCODERS names; its code and weights come with the project."""

    @classmethod
    def identity(cls) -> EncoderIdentity:
        """Who this encoder is, without loading it."""
        ...

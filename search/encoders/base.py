"""What an encoder is, and how one is found by name. Nothing in here loads a network library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image


class UnknownEncoder(LookupError):
    """No encoder has this name; the message names those there are."""


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
    # "float32" or "bfloat16": how the vectors are computed on this processor.
    precision: str
    # Pixels a side that the network sees; `pictures.open_for_encoding` decodes for it.
    input_size: int

    @classmethod
    def identity(cls) -> EncoderIdentity:
        """Who this encoder is, without loading it."""
        ...

    def encode(self, images: Sequence[Image]) -> NDArray[np.float32]:
        """Return unit-length vectors, float32 of shape (len(images), dimensions).

        Images are upright, of any mode and size. The vector of an image depends neither on its
        place in the batch nor on the other images of it, up to 1e-3 in distance.
        """
        ...

    def feature_map(self, image: Image) -> NDArray[np.float32]:
        """Return the features before pooling, float32 of shape (rows, columns, channels)."""
        ...


def factory(name: str) -> type[Encoder]:
    """The class that settings.ENCODERS names; raises UnknownEncoder."""
    path = settings.ENCODERS.get(name)
    if path is None:
        known = ", ".join(sorted(settings.ENCODERS))
        raise UnknownEncoder(f"There is no encoder {name!r}. There are: {known}.")
    found: type[Encoder] = import_string(path)
    return found


def identify(name: str) -> EncoderIdentity:
    """Who the encoder of that name is here and now; cheap, and safe in the web process."""
    return factory(name).identity()


def load(name: str) -> Encoder:
    """The encoder of that name, loaded once a process; raises UnknownEncoder."""
    return _loaded(factory(name))


@cache
def _loaded(encoder: type[Encoder]) -> Encoder:
    return encoder()

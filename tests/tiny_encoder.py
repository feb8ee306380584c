"""A deterministic encoder for the tests that are not about TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from search.encoders import EncoderIdentity
from search.encoders.devices import plan_for
from search.encoders.pictures import square_pixels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from search.encoders.base import Pixels


class TinyEncoder:
    """The mean colours of an image's four quarters, at unit length: 12 numbers."""

    name = "tiny"
    digest = "0" * 64
    dimensions = 12
    plan = plan_for([], processor_bfloat16=False)
    input_size = 16

    @classmethod
    def identity(cls) -> EncoderIdentity:
        return EncoderIdentity(cls.name, cls.digest, cls.dimensions)

    def encode(self, images: Sequence[Image | Pixels]) -> NDArray[np.float32]:
        import numpy as np

        maps = np.array([self.feature_map(image) for image in images])
        # A black image would have no direction.
        vectors = maps.reshape(len(images), self.dimensions) + 1.0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / lengths, dtype="float32")

    def feature_map(self, image: Image | Pixels) -> NDArray[np.float32]:
        import numpy as np

        pixels = square_pixels(image, self.input_size)
        half = self.input_size // 2
        return np.asarray(pixels.reshape(2, half, 2, half, 3).mean(axis=(1, 3)), dtype="float32")

    def parts(self, image: Image | Pixels) -> NDArray[np.float64]:
        import numpy as np

        # Each quarter has three numbers of its own.
        own = np.eye(12).reshape(2, 2, 3, 12).sum(axis=2)
        return np.asarray(own * self.encode([image])[0], dtype="float64")


class OtherEncoder(TinyEncoder):
    """As wide as the tiny one, and yet another."""

    name = "other"
    digest = "1" * 64


class UnloadableEncoder(TinyEncoder):
    """One that can't be loaded."""

    name = "unloadable"
    digest = "3" * 64

    def __init__(self) -> None:
        raise MemoryError("Too large.")


class MendedEncoder(UnloadableEncoder):
    """The same after its repair."""

    def __init__(self) -> None:
        pass

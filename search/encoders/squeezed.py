"""What all encoders with a frozen network have in common: pictures squeezed to a square."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.frozen import FrozenNetwork
from search.encoders.pictures import square_pixels
from search.encoders.tensorflow import precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image


class SqueezedEncoder:
    """A network that sees each picture whole, squeezed to a square.

    See `search.encoders.base.Encoder` for what its members mean.
    """

    def __init__(self, model: keras.Model, input_size: int, feature_layer: str) -> None:
        self.input_size = input_size
        self.precision = precision()
        self.frozen = FrozenNetwork(model, input_size, feature_layer)

    def encode(self, images: Sequence[Image]) -> NDArray[np.float32]:
        """Unit-length vectors, float32 of shape (len(images), dimensions)."""
        import numpy as np

        pixels = np.empty((len(images), self.input_size, self.input_size, 3), np.uint8)
        for i, image in enumerate(images):
            pixels[i] = square_pixels(image, self.input_size)
        return self.frozen.vectors(pixels)

    def feature_map(self, image: Image) -> NDArray[np.float32]:
        """The features before pooling, float32 of shape (rows, columns, channels)."""
        return self.frozen.feature_map(square_pixels(image, self.input_size))

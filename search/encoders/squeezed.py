"""What all encoders with a frozen network have in common: pictures squeezed to a square."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.explaining import Readout, Unexplainable
from search.encoders.frozen import FrozenNetwork
from search.encoders.pictures import square_pixels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from search.encoders.base import Pixels
    from search.encoders.devices import Plan

# Farther than this from the vector its parts are not its parts: roundings are well below.
MOST_MISSING = 0.02


class SqueezedEncoder:
    """A network that sees each picture whole, squeezed to a square.

    See `search.encoders.base.Encoder` for what its members mean. `readout` says how its vector is
    made of the feature layer, where that is known.
    """

    name: str

    def __init__(
        self,
        model: keras.Model,
        input_size: int,
        feature_layer: str,
        readout: Readout | None = None,
        plan: Plan | None = None,
    ) -> None:
        self.input_size = input_size
        self.frozen = FrozenNetwork(model, input_size, feature_layer, plan)
        self.plan = self.frozen.plan
        self.readout = readout

    def encode(self, images: Sequence[Image | Pixels]) -> NDArray[np.float32]:
        """Unit-length vectors, float32 of shape (len(images), dimensions)."""
        import numpy as np

        pixels = np.empty((len(images), self.input_size, self.input_size, 3), np.float32)
        for i, image in enumerate(images):
            pixels[i] = square_pixels(image, self.input_size)
        return self.frozen.vectors(pixels)

    def feature_map(self, image: Image | Pixels) -> NDArray[np.float32]:
        """The features before pooling, float32 of shape (rows, columns, channels)."""
        return self.frozen.feature_map(square_pixels(image, self.input_size))

    def parts(self, image: Image | Pixels) -> NDArray[np.float64]:
        """What each place adds to the vector, float64 of shape (rows, columns, dimensions)."""
        import numpy as np

        pixels = square_pixels(image, self.input_size)
        features = self.frozen.feature_map(pixels)
        if self.readout is None or features.shape[:2] == (1, 1):
            raise Unexplainable(
                f"The encoder “{self.name}” makes one whole of a picture in a way that can’t be"
                " taken apart again, so it can’t tell which places count."
            )
        parts = self.readout.parts(features)
        missing = self.frozen.vectors(pixels[None])[0] - parts.sum(axis=(0, 1))
        if np.linalg.norm(missing) > MOST_MISSING:
            raise Unexplainable(
                f"What the encoder “{self.name}” makes of the places of this picture does not add"
                " up to its vector, so it can’t tell which of them count."
            )
        return parts

"""`compact` as an encoder: the network with its shipped weights, ready to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.base import EncoderIdentity
from search.encoders.compact import network
from search.encoders.compact.weights import read_manifest, read_weights
from search.encoders.frozen import FrozenNetwork
from search.encoders.pictures import square_pixels
from search.encoders.tensorflow import import_tensorflow, precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image


class CompactEncoder:
    """The default encoder: trained by this project, small, and there without a network.

    See `search.encoders.base.Encoder` for what its members mean.
    """

    name = "compact"

    def __init__(self) -> None:
        """Load the shipped weights; DamagedWeights if they are not the manifest's."""
        import_tensorflow()
        manifest = read_manifest()
        self.digest = manifest.digest
        self.dimensions = manifest.dimensions
        self.input_size = manifest.input_size
        self.precision = precision()
        model = network.build(manifest.input_size)
        model.set_weights(read_weights(manifest))
        self.frozen = FrozenNetwork(model, manifest.input_size, network.FEATURE_MAP_LAYER)

    @classmethod
    def identity(cls) -> EncoderIdentity:
        """Who this encoder is, from its manifest alone."""
        manifest = read_manifest()
        return EncoderIdentity(cls.name, manifest.digest, manifest.dimensions)

    def encode(self, images: Sequence[Image]) -> NDArray[np.float32]:
        """Unit-length vectors, float32 of shape (len(images), dimensions)."""
        import numpy as np

        shape = (len(images), self.input_size, self.input_size, 3)
        pixels = np.empty(shape, np.uint8)
        for i, image in enumerate(images):
            pixels[i] = square_pixels(image, self.input_size)
        return self.frozen.vectors(pixels)

    def feature_map(self, image: Image) -> NDArray[np.float32]:
        """The features before pooling, float32 of shape (rows, columns, channels)."""
        return self.frozen.feature_map(square_pixels(image, self.input_size))

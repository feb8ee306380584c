"""An added encoder, loaded from its folder and ready to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.compact.network import FEATURE_MAP_LAYER
from search.encoders.frozen import FrozenNetwork
from search.encoders.pictures import square_pixels
from search.encoders.tensorflow import import_tensorflow, precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from search.encoders.manifests import Manifest


class InstalledEncoder:
    """A network of keras.applications, from a file, or a built-in one whose vectors are whitened.

    See `search.encoders.base.Encoder` for what its members mean.
    """

    def __init__(self, manifest: Manifest) -> None:
        """Build the network and load its weights, which `Manifest.check_files` has looked at."""
        import_tensorflow()
        from search.encoders.networks import network_of

        self.name = manifest.name
        self.digest = manifest.digest
        self.dimensions = manifest.dimensions
        self.input_size = manifest.input_size
        self.precision = precision()
        self.frozen = FrozenNetwork(network_of(manifest), manifest.input_size, FEATURE_MAP_LAYER)

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

"""An added encoder, loaded from its folder and ready to be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.compact.network import FEATURE_MAP_LAYER
from search.encoders.squeezed import SqueezedEncoder
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from search.encoders.manifests import Manifest


class InstalledEncoder(SqueezedEncoder):
    """A network of keras.applications, one from a file, or a built-in one with whitened vectors."""

    def __init__(self, manifest: Manifest) -> None:
        """Build the network and load its weights, which `Manifest.check_files` has looked at."""
        import_tensorflow()
        from search.encoders.networks import network_of

        self.name = manifest.name
        self.digest = manifest.digest
        self.dimensions = manifest.dimensions
        model, readout = network_of(manifest)
        super().__init__(model, manifest.input_size, FEATURE_MAP_LAYER, readout)

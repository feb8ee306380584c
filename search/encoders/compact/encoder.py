"""`compact` as an encoder: the network with its shipped weights, ready to be asked."""

from __future__ import annotations

from pathlib import Path

from search.encoders.base import EncoderIdentity
from search.encoders.compact import network
from search.encoders.compact.weights import FOLDER, read_manifest, read_weights
from search.encoders.explaining import Linear, Readout
from search.encoders.squeezed import SqueezedEncoder
from search.encoders.tensorflow import import_tensorflow


class CompactEncoder(SqueezedEncoder):
    """The default encoder: trained by this project, small, and there without a network."""

    name = "compact"

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load the weights in `folder`; DamagedWeights if they are not the manifest's."""
        import_tensorflow()
        manifest = read_manifest(folder)
        self.digest = manifest.digest
        self.dimensions = manifest.dimensions
        model = network.build(manifest.input_size)
        model.set_weights(read_weights(manifest, folder))
        readout = Readout(network.POOLING_POWER, (Linear(*model.layers[-1].get_weights()),))
        super().__init__(model, manifest.input_size, network.FEATURE_MAP_LAYER, readout)

    @classmethod
    def identity(cls) -> EncoderIdentity:
        """Who this encoder is, from its manifest alone."""
        manifest = read_manifest()
        return EncoderIdentity(cls.name, manifest.digest, manifest.dimensions)

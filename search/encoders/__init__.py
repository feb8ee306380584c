"""Encoders turn pictures into vectors. The only place that names TensorFlow or Keras."""

from search.encoders.base import Encoder, EncoderIdentity, UnknownEncoder, UnloadableEncoder
from search.encoders.compact.weights import DamagedWeights
from search.encoders.registry import (
    batch_size,
    identify,
    is_built_in,
    let_go_of_others,
    load,
)

__all__ = [
    "DamagedWeights",
    "Encoder",
    "EncoderIdentity",
    "UnknownEncoder",
    "UnloadableEncoder",
    "batch_size",
    "identify",
    "is_built_in",
    "let_go_of_others",
    "load",
]

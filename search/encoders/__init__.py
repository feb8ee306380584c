"""Encoders turn pictures into vectors. The only place that names TensorFlow or Keras."""

from search.encoders.base import (
    Encoder,
    EncoderIdentity,
    UnknownEncoder,
    identify,
    load,
)

__all__ = ["Encoder", "EncoderIdentity", "UnknownEncoder", "identify", "load"]

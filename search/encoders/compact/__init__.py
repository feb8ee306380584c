"""`compact`: the encoder that this project trains itself and ships with its weights."""

from search.encoders.compact.encoder import CompactEncoder

__all__ = ["CompactEncoder"]

"""Weights put into a clone of a network, or of one of its layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def set_weights(clone: keras.Layer, weights: Sequence[Any]) -> None:
    """Set all weights, and what layers have made of those they were built with.

    A Normalization computes with its statistics as they were when it was built, until it is told.
    """
    import keras

    clone.set_weights(weights)
    for layer in clone._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()

"""The textbook network: three convolutions, a dense layer, trained on one's own labels.

Convolutions see only whole neighbourhoods ("valid"), as in the textbooks and Keras' default: 224
pixels a side become 222, 111, 109, 54, 52 and 26, and 26 x 26 x 128 numbers go to the dense layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.compact.network import FEATURE_MAP_LAYER
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    import keras

INPUT_SIZE = 224
FILTERS = (32, 64, 128)
KERNEL = 3
POOL = 2
DIMENSIONS = 512


def build(input_size: int = INPUT_SIZE) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3) -> the embedding (n, DIMENSIONS), not of unit length yet."""
    import_tensorflow()
    import keras

    layers = keras.layers
    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    for filters in FILTERS:
        x = layers.Conv2D(filters, KERNEL, activation="relu")(x)
        x = layers.MaxPooling2D(POOL)(x)
    x = layers.Activation("linear", name=FEATURE_MAP_LAYER)(x)
    x = layers.Dense(DIMENSIONS, activation="relu", name="embedding")(layers.Flatten()(x))
    return keras.Model(pixels, x)

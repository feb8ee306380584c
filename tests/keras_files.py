"""Small Keras files of random weights, for the tests of encoders that are added."""

from __future__ import annotations

from pathlib import Path

from search.encoders.tensorflow import import_tensorflow

# Keras 3.15 saves weights by a way that NumPy 2 warns of.
SAVING = "ignore:__array__ implementation:DeprecationWarning"


def write_network(path: Path, channels: int = 6, size: int | None = None, seed: int = 0) -> Path:
    """A network (n, size, size, 3) -> (n, size / 4, size / 4, channels); any size if it is None."""
    import_tensorflow()
    import keras

    keras.utils.set_random_seed(seed)
    pixels = keras.Input((size, size, 3))
    features = keras.layers.Conv2D(channels, 4, strides=4, activation="relu")(pixels)
    keras.Model(pixels, features).save(path)
    return path

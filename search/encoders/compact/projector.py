"""A layer that makes of the student's pooled features what the teachers' vectors are.

It is for training alone: what is shipped in its place is fitted to the trained network's own
features (see `export`), and finds more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.compact.network import FEATURES

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

# Of the teachers' vectors, which need not be as wide as what is shipped.
DIMENSIONS = 384
# Of the features' mean variance: what keeps the layer from learning its few views by heart.
RIDGE = 0.2


def build() -> keras.Model:
    """A layer (n, FEATURES) -> (n, DIMENSIONS) that says nothing yet."""
    import keras

    x = keras.Input((FEATURES,))
    return keras.Model(x, keras.layers.Dense(DIMENSIONS, kernel_initializer="zeros")(x))


def is_blank(projector: keras.Model) -> bool:
    """Whether it was neither fitted nor trained."""
    kernel, _ = projector.get_weights()
    return not kernel.any()


def fit(
    projector: keras.Model, features: NDArray[np.float32], vectors: NDArray[np.float32]
) -> None:
    """Ridge regression of vectors (n, DIMENSIONS) on features (n, FEATURES)."""
    import numpy as np

    centre, mean = features.mean(axis=0), vectors.mean(axis=0)
    centred = features - centre
    moments = centred.T @ centred
    ridge = RIDGE * np.trace(moments) / len(moments) * np.eye(len(moments))
    kernel = np.linalg.solve(moments + ridge, centred.T @ (vectors - mean))
    projector.set_weights([kernel, mean - centre @ kernel])

"""An encoder with a new embedding: half of it what the encoder knows, half what labels teach.

The new half alone tells the labels apart best, but forgets what they do not speak of. The kept half
holds on to that: squared distances of the two are added, by LEARNED_SHARE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.encoders.compact.network import FEATURE_MAP_LAYER, POOLING_LAYER

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 512
MOST_KEPT = DIMENSIONS // 2

# How much of a squared distance the learned half is. More of it finds what was learned better, and
# what was not learned worse.
LEARNED_SHARE = 1 / 3

KEPT_LAYER = "kept"
LEARNING_LAYER = "learning"
LEARNED_LAYER = "learned"
PROJECTION_LAYER = "projection"


def build(base: keras.Model) -> keras.Model:
    """Pixels -> the embedding (n, DIMENSIONS), of the halves `kept` and `learned`, of unit length.

    Its layers are those of `base`, whose weights it shares.
    """
    import keras

    layers = keras.layers
    kept = base.output
    if kept.shape[-1] > MOST_KEPT:
        projection = layers.Dense(MOST_KEPT, use_bias=False, trainable=False, name=PROJECTION_LAYER)
        kept = projection(kept)
    kept = layers.UnitNormalization(name=KEPT_LAYER)(kept)
    features = layers.UnitNormalization()(pooled_features(base))
    learned = layers.Dense(DIMENSIONS - kept.shape[-1], name=LEARNING_LAYER)(features)
    learned = layers.UnitNormalization(name=LEARNED_LAYER)(learned)
    shares = (1 - LEARNED_SHARE, LEARNED_SHARE)
    halves = [
        layers.Rescaling(share**0.5)(half)
        for half, share in zip((kept, learned), shares, strict=True)
    ]
    return keras.Model(base.input, layers.Concatenate(name="embedding_of_both")(halves))


def pooled_features(base: keras.Model) -> keras.KerasTensor:
    """What `base` makes its vector of, or the vector itself where nothing richer is known."""
    names = [layer.name for layer in base.layers]
    is_known = FEATURE_MAP_LAYER in names and POOLING_LAYER in names
    return base.get_layer(POOLING_LAYER).output if is_known else base.output


def needs_projection(model: keras.Model) -> bool:
    """Whether the kept half is narrower than what it is made of."""
    return any(layer.name == PROJECTION_LAYER for layer in model.layers)


def set_projection(model: keras.Model, vectors: NDArray[np.float32]) -> None:
    """Keep of wide vectors the axes along which `vectors` (n, d) have most of their length."""
    model.get_layer(PROJECTION_LAYER).set_weights([orthonormal_axes(vectors, MOST_KEPT)])


def orthonormal_axes(vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """(d, count) orthonormal columns: the first axes of vectors (n, d), then any others.

    Vectors projected onto all axes there are keep their distances.
    """
    import numpy as np

    _, lengths, rows = np.linalg.svd(vectors.astype(np.float64), full_matrices=False)
    known = rows[lengths > 1e-6 * lengths[0]][:count].T
    width = vectors.shape[1]
    others = np.random.default_rng(0).normal(size=(width, count - known.shape[1]))
    axes, signs = np.linalg.qr(np.concatenate([known, others], axis=1))
    return np.asarray(axes * np.where(np.diag(signs) < 0, -1, 1), np.float32)

"""What training minimises, and the head that names classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

# Of the similarities in the contrastive loss: the lower, the more the nearest count.
TEMPERATURE = 0.1
# Pictures marked as wrong for each other are to be at least so far apart, as unrelated ones are.
MARGIN = 1.0


def head_for(classes: int) -> keras.layers.Layer:
    """The layer that names classes: one sigmoid for two, a softmax for more; it gives logits."""
    import keras

    return keras.layers.Dense(1 if classes == 2 else classes, name="head")


def naming_loss(logits: Any, labels: Any) -> Any:
    """Mean cross-entropy of `labels` (n,): binary where the head has one output."""
    tf = import_tensorflow()
    if logits.shape[-1] == 1:
        truth = tf.cast(labels, logits.dtype)[:, None]
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=truth, logits=logits)
    else:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_mean(losses)


def named(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """The class (n,) that the head takes each for."""
    import numpy as np

    if logits.shape[-1] == 1:
        return (logits[:, 0] > 0).astype(np.int64)
    return np.asarray(logits.argmax(axis=1), np.int64)


def contrastive_loss(vectors: Any, labels: Any) -> Any:
    """The supervised contrastive loss of unit vectors (n, d) and labels (n,).

    L_out of Khosla et al., "Supervised contrastive learning" (2020), equation 2: of each one's
    similarities to all others, those to its class are to be the most. One that is alone of its
    class in the batch adds nothing.
    """
    tf = import_tensorflow()
    others = 1 - tf.eye(tf.shape(vectors)[0])
    same = tf.cast(labels[:, None] == labels[None], tf.float32) * others
    similarities = tf.matmul(vectors, vectors, transpose_b=True) / TEMPERATURE
    against = tf.reduce_logsumexp(similarities - (1 - others) * 1e9, axis=1, keepdims=True)
    companions = tf.reduce_sum(same, axis=1)
    losses = -tf.reduce_sum(same * (similarities - against), axis=1) / tf.maximum(companions, 1)
    return tf.reduce_sum(losses) / tf.maximum(tf.reduce_sum(tf.cast(companions > 0, tf.float32)), 1)


def pair_loss(one: Any, other: Any, are_alike: Any) -> Any:
    """The contrastive loss of pairs of unit vectors (n, d): alike ones near, others apart.

    Hadsell, Chopra and LeCun, "Dimensionality reduction by learning an invariant mapping" (2006).
    `are_alike` is 1 or 0, (n,).
    """
    tf = import_tensorflow()
    squared = tf.reduce_sum((one - other) ** 2, axis=1)
    # The root of 0 has no gradient.
    missing = tf.maximum(0.0, MARGIN - tf.sqrt(squared + 1e-9))
    return tf.reduce_mean(are_alike * squared + (1 - are_alike) * missing**2)

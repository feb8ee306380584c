"""Blocks with fewer channels inside, that answer almost as wider ones do.

What a channel says that others can say for it is no loss. So the one that is missed the least goes,
those that stay answer for it, and so on: Hassibi and Stork, "Second order derivatives for network
pruning: optimal brain surgeon" (1993), of whole channels as in He, Zhang and Sun, "Channel pruning
for accelerating very deep neural networks" (2017).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras
    import numpy as np
    from numpy.typing import NDArray

# Of the channels' mean variance: what keeps channels that hardly differ from large weights.
RIDGE = 1e-4


class Moments(NamedTuple):
    """Of a block's channels inside (h) and what it adds to its input or gives instead (w)."""

    means: NDArray[np.float64]
    # Rows and columns are channels inside.
    covariances: NDArray[np.float64]
    answer_means: NDArray[np.float64]
    # Rows are channels inside, columns what is given.
    answer_covariances: NDArray[np.float64]


def narrow(
    wide: Sequence[keras.Model], narrower: Sequence[keras.Model], pictures: Sequence[Any]
) -> None:
    """Give `narrower` blocks, joined, the weights by which they answer most nearly as `wide` ones.

    `pictures` are batches of scaled pixels (n, size, size, 3). One block is fitted after the other,
    to make up for what those before it miss, too.
    """
    given = wanted = pictures
    for block, narrower_block in zip(wide, narrower, strict=True):
        answers = [block(x, training=False) for x in wanted]
        if _width(narrower_block) == _width(block):
            narrower_block.set_weights(block.get_weights())
        else:
            _narrow_block(block, narrower_block, given, answers)
        given = [narrower_block(x, training=False) for x in given]
        wanted = answers


def _narrow_block(
    block: keras.Model, narrower: keras.Model, given: Sequence[Any], answers: Sequence[Any]
) -> None:
    """Give `narrower` channels of `block` by which it makes the most nearly `answers` of `given`.

    Both are batches of maps: (n, h, w, c) and (n, h', w', c').
    """
    import numpy as np

    moments = _moments(block, given, answers)
    variances = np.mean([answer.numpy().var(axis=(0, 1, 2)) for answer in answers], axis=0)
    # An error counts as much in a channel that varies little as in one that varies much.
    weights = 1 / (variances + 1e-6)
    kept, kernel = most_telling(moments, _width(narrower), weights)
    narrower.set_weights(_with_channels(block, kept, kernel, moments))


def most_telling(
    moments: Moments, count: int, weights: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Which `count` channels to keep, and the kernel (count, w) that makes most of them.

    One after the other goes that without which the answers' squared errors, multiplied with
    `weights` (w,), grow least.
    """
    import numpy as np

    covariances = moments.covariances
    ridge = RIDGE * np.trace(covariances) / len(covariances)
    inverse = np.linalg.inv(covariances + ridge * np.eye(len(covariances)))
    kernel = inverse @ moments.answer_covariances
    kept = np.arange(len(kernel))
    while len(kept) > count:
        missed = np.square(kernel) @ weights / np.diag(inverse)
        least = int(missed.argmin())
        # What is best without this channel: a step of Gaussian elimination.
        share = inverse[:, least] / inverse[least, least]
        kernel -= np.outer(share, kernel[least])
        inverse -= np.outer(share, inverse[least])
        kernel, kept = np.delete(kernel, least, axis=0), np.delete(kept, least)
        inverse = np.delete(np.delete(inverse, least, axis=0), least, axis=1)
    return kept, kernel


def _width(block: keras.Model) -> int:
    """How many channels its first convolution gives: those inside it, if it has more than one."""
    return int(block.weights[0].shape[-1])


def _moments(block: keras.Model, given: Sequence[Any], answers: Sequence[Any]) -> Moments:
    """Over all places of all maps that the block is given."""
    tf = import_tensorflow()
    import keras
    import numpy as np

    last = [layer for layer in block.layers if isinstance(layer, keras.layers.ReLU)][-1]
    inside = keras.Model(block.input, last.output)
    adds = isinstance(block.layers[-1], keras.layers.Add)
    totals, places = np.zeros(()), 0
    for x, answer in zip(given, answers, strict=True):
        told = answer - x if adds else answer
        rows = [tf.reshape(maps, (-1, maps.shape[-1])) for maps in (inside(x), told)]
        rows = tf.concat([*rows, tf.ones_like(rows[0][:, :1])], axis=1)
        totals = totals + tf.matmul(rows, rows, transpose_a=True).numpy().astype(np.float64)
        places += len(rows)
    means = totals[-1, :-1] / places
    covariances = totals[:-1, :-1] / places - np.outer(means, means)
    count = last.output.shape[-1]
    return Moments(
        means[:count], covariances[:count, :count], means[count:], covariances[:count, count:]
    )


def _with_channels(
    block: keras.Model, kept: NDArray[np.int64], kernel: NDArray[np.float64], moments: Moments
) -> list[NDArray[np.floating[Any]]]:
    """The block's weights with only these channels, and with that kernel for what it gives."""
    import keras
    import numpy as np

    layers = [layer for layer in block.layers if isinstance(layer, keras.layers.BatchNormalization)]
    widening, depthwise, narrowing = np.split(np.arange(len(block.weights)), 3)
    arrays = block.get_weights()
    gamma, _, mean, variance = (arrays[i] for i in narrowing[1:])
    scale = gamma / np.sqrt(variance + layers[-1].epsilon)
    beta = moments.answer_means - moments.means[kept] @ kernel + mean * scale
    return [
        *(arrays[i][..., kept] for i in widening),
        arrays[depthwise[0]][:, :, kept],
        *(arrays[i][kept] for i in depthwise[1:]),
        *((kernel / scale)[None, None], gamma, beta, mean, variance),
    ]

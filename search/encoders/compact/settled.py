"""What a block answers by its running statistics, computed as it is once it is shipped.

That takes little more than half of the time that a step of learning takes with Keras' own layers,
which scale, shift and rectify one after the other (see `search.encoders.folding`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from search.encoders import folding
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    import keras


def answer(block: keras.Model, maps: Any) -> Any:
    """What `block(maps, training=False)` is, but for rounding: (n, h, w, c) -> (n, h', w', c').

    The block is a chain of convolutions, each normalized, with nothing but rectifications between
    them; what it ends with may be added to `maps`.
    """
    import keras

    x, normalizations = maps, dict(folding.pairs(block))
    for layer in block.layers:
        if layer in normalizations:
            x = _convolved(x, layer, normalizations[layer])
        elif isinstance(layer, keras.layers.ReLU):
            x = layer(x)
        elif isinstance(layer, keras.layers.Add):
            x = layer([maps, x])
    return x


def _convolved(x: Any, convolution: keras.Layer, normalization: keras.Layer) -> Any:
    tf = import_tensorflow()
    import keras

    kernel, bias = folding.weights(convolution, normalization)
    if isinstance(convolution, keras.layers.DepthwiseConv2D):
        x = tf.nn.depthwise_conv2d(x, kernel, (1, *convolution.strides, 1), "SAME")
    else:
        x = tf.nn.conv2d(x, kernel, convolution.strides, "SAME")
    return tf.nn.bias_add(x, bias)

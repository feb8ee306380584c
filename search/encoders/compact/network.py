"""The network itself: a plain residual network of 3 x 3 convolutions.

Plain convolutions rather than depthwise ones because a processor runs them near its limit,
in training above all. Residual blocks as in He et al., "Deep Residual Learning for Image
Recognition" (2016), with the average-pooled shortcut of He et al., "Bag of Tricks" (2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

ARCHITECTURE = "residual-48-96-192-384/2-gem3"
WIDTHS = (48, 96, 192, 384)
BLOCKS_PER_STAGE = 2
DIMENSIONS = 256

# Short runs see few batches: running averages must forget their start within minutes.
BATCH_NORM_MOMENTUM = 0.97

FEATURE_MAP_LAYER = "features"
POOLING_LAYER = "pooled"
# The exponent of GeM: between the mean (1) and the maximum (infinity) of all places.
POOLING_POWER = 3.0


def build(input_size: int | None = None) -> keras.Model:
    """The untrained network: float32 RGB in 0..255, (n, size, size, 3) -> (n, DIMENSIONS).

    The output is not of unit length yet. `input_size` may be left open: the network is fully
    convolutional up to its pooling. The layer named FEATURE_MAP_LAYER gives (n, h, w, 384).
    """
    import keras

    pixels, features = _trunk(input_size)
    pooled = keras.layers.Activation("linear", name=POOLING_LAYER)(_generalized_mean(features))
    return keras.Model(pixels, keras.layers.Dense(DIMENSIONS, name="embedding")(pooled))


def build_for_training() -> keras.Model:
    """The network as it is trained, for pictures of any size: with the mean as its pooling.

    Its weights fit `build` too, whose pooling lets what stands out in a few places count more.
    """
    import keras

    pixels, features = _trunk(None)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    return keras.Model(pixels, keras.layers.Dense(DIMENSIONS, name="embedding")(pooled))


def _generalized_mean(x: keras.KerasTensor) -> keras.KerasTensor:
    """GeM: Radenovic et al., "Fine-tuning CNN image retrieval with no human annotation" (2018)."""
    import keras

    # Powers and roots need more digits than features that were computed in bfloat16 have.
    x = keras.ops.maximum(keras.ops.cast(x, "float32"), 1e-6)
    powers = keras.ops.power(x, POOLING_POWER)
    return keras.ops.power(keras.ops.mean(powers, axis=(1, 2)), 1 / POOLING_POWER)


def _trunk(input_size: int | None) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    """The pixels, and the features (n, h, w, 384) before they are pooled."""
    import keras

    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    x = _activated(_convolution(x, 32, stride=2))
    x = _activated(_convolution(x, WIDTHS[0], stride=2))
    for stage, width in enumerate(WIDTHS):
        for block in range(BLOCKS_PER_STAGE):
            x = _residual(x, width, stride=2 if stage and not block else 1)
    return pixels, keras.layers.Activation("linear", name=FEATURE_MAP_LAYER)(x)


def _convolution(
    x: keras.KerasTensor, width: int, *, kernel: int = 3, stride: int = 1, gamma: str = "ones"
) -> keras.KerasTensor:
    import keras

    x = keras.layers.Conv2D(
        width,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, gamma_initializer=gamma)(x)


def _activated(x: keras.KerasTensor) -> keras.KerasTensor:
    import keras

    return keras.layers.ReLU()(x)


def _residual(x: keras.KerasTensor, width: int, *, stride: int) -> keras.KerasTensor:
    import keras

    shortcut = x
    if stride > 1:
        shortcut = keras.layers.AveragePooling2D(stride, padding="same")(shortcut)
    if x.shape[-1] != width:
        shortcut = _convolution(shortcut, width, kernel=1)
    y = _activated(_convolution(x, width, stride=stride))
    # A last scale of zero makes each block start as the identity (Goyal et al., 2017).
    y = _convolution(y, width, gamma="zeros")
    return _activated(keras.layers.Add()([shortcut, y]))

"""The network itself: a plain residual network of 3 x 3 convolutions.

Plain convolutions rather than depthwise ones because a processor runs them near its limit,
in training above all. Residual blocks as in He et al., "Deep Residual Learning for Image
Recognition" (2016), with the average-pooled shortcut of He et al., "Bag of Tricks" (2019).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

ARCHITECTURE = "residual-48-96-192-384/2"
WIDTHS = (48, 96, 192, 384)
BLOCKS_PER_STAGE = 2
DIMENSIONS = 256

# Short runs see few batches: running averages must forget their start within minutes.
BATCH_NORM_MOMENTUM = 0.97

FEATURE_MAP_LAYER = "features"


def build(input_size: int | None = None) -> keras.Model:
    """The untrained network: float32 RGB in 0..255, (n, size, size, 3) -> (n, DIMENSIONS).

    The output is not of unit length yet. `input_size` may be left open: the network is fully
    convolutional up to its pooling. The layer named FEATURE_MAP_LAYER gives (n, h, w, 384).
    """
    import keras

    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)
    x = _activated(_convolution(x, 32, stride=2))
    x = _activated(_convolution(x, WIDTHS[0], stride=2))
    for stage, width in enumerate(WIDTHS):
        for block in range(BLOCKS_PER_STAGE):
            x = _residual(x, width, stride=2 if stage and not block else 1)
    x = keras.layers.Activation("linear", name=FEATURE_MAP_LAYER)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(pixels, keras.layers.Dense(DIMENSIONS, name="embedding")(x), name="compact")


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

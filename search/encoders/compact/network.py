"""The network itself: blocks of plain 3 x 3 convolutions, each with a meaning at its end.

A bottleneck widens its input by a 3 x 3 convolution and narrows it again by a linear 1 x 1: the
fused ones of Tan and Le, "EfficientNetV2" (2021). Plain convolutions rather than depthwise ones,
because a processor runs them near its limit, in training above all. What the blocks give is as wide
as what EfficientNet-Lite0 gives at the same places, so that each can be taught on its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

ARCHITECTURE = "fused-24-40-80-112-192-320-1280-gem3"
DIMENSIONS = 256
# Somewhat more than it is trained with, where crops show things larger than whole pictures do:
# Touvron et al., "Fixing the train-test resolution discrepancy" (2019). A multiple of 32, or maps
# of odd sizes are padded on one side.
INPUT_SIZE = 160

# Short runs see few batches: running averages must forget their start within minutes.
BATCH_NORM_MOMENTUM = 0.97

FEATURE_MAP_LAYER = "features"
POOLING_LAYER = "pooled"
# The exponent of GeM: between the mean (1) and the maximum (infinity) of all places.
POOLING_POWER = 3.0


class Bottleneck(NamedTuple):
    """How many channels it has inside, how many it gives, and by what its map is smaller."""

    hidden: int
    width: int
    stride: int = 1


STEM = 24
BLOCKS: tuple[tuple[Bottleneck, ...], ...] = (
    (Bottleneck(64, 24, 2), Bottleneck(96, 24), Bottleneck(96, 24)),
    (Bottleneck(96, 40, 2), Bottleneck(160, 40)),
    (Bottleneck(160, 80, 2), Bottleneck(320, 80), Bottleneck(320, 80)),
    (Bottleneck(240, 112), Bottleneck(336, 112), Bottleneck(336, 112)),
    (Bottleneck(480, 192, 2), Bottleneck(480, 192), Bottleneck(480, 192)),
    (Bottleneck(768, 320),),
)
FEATURES = 1280
# Channels of what each block gives, the features last.
WIDTHS = (*(block[-1].width for block in BLOCKS), FEATURES)


def build(input_size: int | None = None) -> keras.Model:
    """The untrained network: float32 RGB in 0..255, (n, size, size, 3) -> (n, DIMENSIONS).

    The output is not of unit length yet. `input_size` may be left open: the network is fully
    convolutional up to its pooling. The layer named FEATURE_MAP_LAYER gives (n, h, w, FEATURES).
    """
    import keras

    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = scaled(pixels)
    for number in range(len(WIDTHS)):
        x = _block(x, number)
    features = keras.layers.Activation("linear", name=FEATURE_MAP_LAYER)(x)
    pooled = keras.layers.Activation("linear", name=POOLING_LAYER)(_generalized_mean(features))
    return keras.Model(pixels, keras.layers.Dense(DIMENSIONS, name="embedding")(pooled))


def build_blocks() -> Sequence[keras.Model]:
    """The blocks apart from each other, for maps of any size; the first takes scaled pixels.

    Their weights one after the other are those of `build`, but for its last layer.
    """
    import keras

    inputs = [keras.Input((None, None, channels)) for channels in (3, *WIDTHS[:-1])]
    return [keras.Model(x, _block(x, number)) for number, x in enumerate(inputs)]


def scaled(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """RGB in 0..255 as the first block takes it, around -1..1."""
    import keras

    return keras.layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)


def _generalized_mean(x: keras.KerasTensor) -> keras.KerasTensor:
    """GeM: Radenovic et al., "Fine-tuning CNN image retrieval with no human annotation" (2018)."""
    import keras

    # Powers and roots need more digits than features that were computed in bfloat16 have.
    x = keras.ops.maximum(keras.ops.cast(x, "float32"), 1e-6)
    powers = keras.ops.power(x, POOLING_POWER)
    return keras.ops.power(keras.ops.mean(powers, axis=(1, 2)), 1 / POOLING_POWER)


def _block(x: keras.KerasTensor, number: int) -> keras.KerasTensor:
    import keras

    if number == len(BLOCKS):
        return keras.layers.ReLU(max_value=6.0)(_convolution(x, FEATURES, kernel=1))
    if number == 0:
        x = keras.layers.ReLU()(_convolution(x, STEM, stride=2))
    for bottleneck in BLOCKS[number]:
        x = _bottleneck(x, bottleneck)
    return x


def _bottleneck(x: keras.KerasTensor, bottleneck: Bottleneck) -> keras.KerasTensor:
    import keras

    wide = keras.layers.ReLU()(_convolution(x, bottleneck.hidden, stride=bottleneck.stride))
    y = _convolution(wide, bottleneck.width, kernel=1)
    # Where the shape stays, what came in is kept and added to (He et al., 2016).
    is_kept = bottleneck.stride == 1 and x.shape[-1] == bottleneck.width
    return keras.layers.Add()([x, y]) if is_kept else y


def _convolution(
    x: keras.KerasTensor, width: int, *, kernel: int = 3, stride: int = 1
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
    return keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)

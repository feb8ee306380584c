"""The network itself: a stem, fifteen bottlenecks and a head, each with a meaning at its end.

A bottleneck widens its input, looks around channel by channel, which takes few multiplications and
reaches far, and narrows again, linearly (Sandler et al., "MobileNetV2", 2018). What they give is as
wide as what EfficientNet-Lite0 gives at the same places, so that each can be taught on its own.
It learns with more channels inside them than it is shipped with. What is wider inside learns faster
and misses less, above all in the stem and the last bottleneck; what it has learned, fewer channels
can say almost as well (`narrowing`), nowhere more than the teacher has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras

ARCHITECTURE = "narrowed-bottlenecks-16-24-40-80-112-192-320-1280-gem2"
DIMENSIONS = 512
# Somewhat more than it is trained with, where crops show things larger than whole pictures do:
# Touvron et al., "Fixing the train-test resolution discrepancy" (2019). A multiple of 32, or maps
# of odd sizes are padded on one side.
INPUT_SIZE = 224

# Short runs see few batches: running averages must forget their start within minutes.
BATCH_NORM_MOMENTUM = 0.97

# Up to this layer, behind that block, all is computed in single precision everywhere. Rounding
# makes of any change of a picture, however small, one of about its own size: with bfloat16 from the
# first layer on, a photograph decoded smaller has a vector farther away than 0.01 too often. Behind
# two blocks more it would be moved a little less, for a twentieth of the network's time.
EXACT_LAYER = "last_exact"
LAST_EXACT = 3
FEATURE_MAP_LAYER = "features"
POOLING_LAYER = "root_mean_square"
# The exponent of GeM: between the mean (1) and the maximum (infinity) of all places. Three and four
# find no more, and any power but a square takes a tenth of the network's time.
POOLING_POWER = 2.0


class Bottleneck(NamedTuple):
    """How many channels it gives, and how it looks around.

    `stride`: by what its map is smaller than its input's.
    """

    width: int
    kernel: int = 3
    stride: int = 1


STEM_WIDTH = 16
BOTTLENECKS = (
    Bottleneck(24, stride=2),
    Bottleneck(24),
    Bottleneck(40, kernel=5, stride=2),
    Bottleneck(40, kernel=5),
    Bottleneck(80, stride=2),
    Bottleneck(80),
    Bottleneck(80),
    Bottleneck(112, kernel=5),
    Bottleneck(112, kernel=5),
    Bottleneck(112, kernel=5),
    Bottleneck(192, kernel=5, stride=2),
    Bottleneck(192, kernel=5),
    Bottleneck(192, kernel=5),
    Bottleneck(192, kernel=5),
    Bottleneck(320),
)
# Channels inside the stem and the bottlenecks: those they learn with, and those that stay. Where
# maps are large a channel costs the most time, and in the last ones the fewest are missed.
WIDE = (48, 96, 144, 144, 160, 240, 320, 320, 480, 448, 448, 672, 1152, 1152, 1152, 1536)
NARROW = (32, 64, 96, 128, 144, 208, 304, 304, 432, 400, 400, 672, 1008, 960, 960, 1280)
FEATURES = 1280
# Channels of what each block gives: the stem's, the bottlenecks', the features.
WIDTHS = (STEM_WIDTH, *(bottleneck.width for bottleneck in BOTTLENECKS), FEATURES)


def build(input_size: int | None = None) -> keras.Model:
    """The untrained network: float32 RGB in 0..255, (n, size, size, 3) -> (n, DIMENSIONS).

    The output is not of unit length yet. `input_size` may be left open: the network is fully
    convolutional up to its pooling. The layer named FEATURE_MAP_LAYER gives (n, h, w, FEATURES).
    """
    import keras

    pixels = keras.Input((input_size, input_size, 3), name="pixels")
    x = scaled(pixels)
    for number in range(len(WIDTHS)):
        x = _block(x, number, NARROW)
        if number == LAST_EXACT:
            x = keras.layers.Activation("linear", name=EXACT_LAYER)(x)
    features = keras.layers.Activation("linear", name=FEATURE_MAP_LAYER)(x)
    pooled = keras.layers.Activation("linear", name=POOLING_LAYER)(generalized_mean(features))
    return keras.Model(pixels, keras.layers.Dense(DIMENSIONS, name="embedding")(pooled))


def build_blocks(hidden: Sequence[int] = NARROW) -> Sequence[keras.Model]:
    """The blocks apart from each other, for maps of any size; the first takes scaled pixels.

    `hidden`: how many channels the stem and the bottlenecks have inside. Of narrow blocks the
    weights one after the other are those of `build`, but for its last layer.
    """
    import keras

    inputs = [keras.Input((None, None, channels)) for channels in (3, *WIDTHS[:-1])]
    return [keras.Model(x, _block(x, number, hidden)) for number, x in enumerate(inputs)]


def scaled(pixels: keras.KerasTensor) -> keras.KerasTensor:
    """RGB in 0..255 as the first block takes it, around -1..1."""
    import keras

    return keras.layers.Rescaling(1 / 127.5, offset=-1.0)(pixels)


def generalized_mean(x: keras.KerasTensor) -> keras.KerasTensor:
    """GeM: Radenovic et al., "Fine-tuning CNN image retrieval with no human annotation" (2018)."""
    import keras

    # Squares and roots need more digits than features that were computed in bfloat16 have.
    squares = keras.ops.square(keras.ops.cast(x, "float32"))
    return keras.ops.sqrt(keras.ops.maximum(keras.ops.mean(squares, axis=(1, 2)), 1e-12))


def _block(x: keras.KerasTensor, number: int, hidden: Sequence[int]) -> keras.KerasTensor:
    if number == 0:
        x = _convolution(x, hidden[0], kernel=3, stride=2)
        return _linear(_depthwise(x), STEM_WIDTH)
    if number == len(WIDTHS) - 1:
        return _convolution(x, FEATURES)
    return _bottleneck(x, BOTTLENECKS[number - 1], hidden[number])


def _bottleneck(x: keras.KerasTensor, bottleneck: Bottleneck, hidden: int) -> keras.KerasTensor:
    import keras

    width, kernel, stride = bottleneck
    y = _depthwise(_convolution(x, hidden), kernel=kernel, stride=stride)
    y = _linear(y, width)
    # Where the shape stays, what came in is kept and added to (He et al., 2016).
    is_kept = stride == 1 and x.shape[-1] == width
    return keras.layers.Add()([x, y]) if is_kept else y


def _linear(x: keras.KerasTensor, width: int) -> keras.KerasTensor:
    import keras

    x = keras.layers.Conv2D(width, 1, use_bias=False, kernel_initializer="he_normal")(x)
    return _normalized(x)


def _convolution(
    x: keras.KerasTensor, width: int, *, kernel: int = 1, stride: int = 1
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
    return keras.layers.ReLU(max_value=6.0)(_normalized(x))


def _depthwise(x: keras.KerasTensor, *, kernel: int = 3, stride: int = 1) -> keras.KerasTensor:
    import keras

    x = keras.layers.DepthwiseConv2D(
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        # He et al.'s for one channel; Keras' own counts the channels that it does not see.
        depthwise_initializer=keras.initializers.RandomNormal(stddev=2**0.5 / kernel),
    )(x)
    return keras.layers.ReLU(max_value=6.0)(_normalized(x))


def _normalized(x: keras.KerasTensor) -> keras.KerasTensor:
    import keras

    return keras.layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x)

"""The two ImageNet networks that `compact` is measured against; from the first one it learns."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from search.encoders.compact.corpus import CorpusError
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    import keras

TEACHER = "efficientnet_lite0_imagenet_no_top.keras"
# file -> (offset, divisor): the network expects (x - offset) / divisor of pixels in 0..255.
TEACHERS: dict[str, tuple[float, float]] = {
    TEACHER: (127.0, 128.0),
    "mobilenet_v2_1.0_224_tfslim_no_top.keras": (127.5, 127.5),
}
# The layers of TEACHER whose outputs the blocks of `compact` learn to give, in their order.
BLOCK_LAYERS = (
    *("c03", "c06", "add", "c12", "add_1", "c18", "add_2", "add_3", "c27", "add_4", "add_5"),
    *("c36", "add_6", "add_7", "add_8", "c48", "re_lu_32"),
)


def block_outputs(data: Path) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3), of any size -> what the teacher has at each BLOCK_LAYER."""
    import_tensorflow()
    import keras

    network = _load(data / "teachers" / TEACHER)
    outputs = [network.get_layer(name).output for name in BLOCK_LAYERS]
    offset, divisor = TEACHERS[TEACHER]
    pixels = keras.Input((None, None, 3))
    scaled = keras.layers.Rescaling(1 / divisor, offset=-offset / divisor)(pixels)
    return keras.Model(pixels, keras.Model(network.inputs, outputs)(scaled))


def pooled_network(data: Path, size: int, files: Iterable[str] = TEACHERS) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3) -> the means of the networks' feature maps, (n, width).

    Each network's part is of unit length, so that none speaks louder.
    """
    import_tensorflow()
    import keras

    pixels = keras.Input((size, size, 3))
    parts = []
    for file in files:
        offset, divisor = TEACHERS[file]
        x = keras.layers.Rescaling(1 / divisor, offset=-offset / divisor)(pixels)
        x = _resized(_load(data / "teachers" / file), size)(x)
        parts.append(keras.layers.UnitNormalization()(keras.layers.GlobalAveragePooling2D()(x)))
    joined = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(pixels, joined)


def _load(path: Path) -> keras.Model:
    import keras

    if not path.exists():
        raise CorpusError(f"The teacher {path.name} is missing from {path.parent}.")
    return keras.models.load_model(path, compile=False)


def _resized(network: keras.Model, size: int) -> keras.Model:
    """The network rebuilt for pictures of `size`: its file may fix another."""
    import keras

    resized = keras.models.clone_model(network, input_tensors=keras.Input((size, size, 3)))
    resized.set_weights(network.get_weights())
    return resized

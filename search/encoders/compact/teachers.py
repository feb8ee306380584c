"""The two ImageNet networks that `compact` learns from, and is measured against."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from search.encoders.cloning import set_weights
from search.encoders.compact.corpus import CorpusError
from search.encoders.folding import folded
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    import keras

TEACHER = "efficientnet_lite0_imagenet_no_top.keras"
SECOND_TEACHER = "mobilenet_v2_1.0_224_tfslim_no_top.keras"
# file -> (offset, divisor): the network expects (x - offset) / divisor of pixels in 0..255.
TEACHERS: dict[str, tuple[float, float]] = {
    TEACHER: (127.0, 128.0),
    SECOND_TEACHER: (127.5, 127.5),
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
    pixels = keras.Input((None, None, 3))
    return keras.Model(pixels, keras.Model(network.inputs, outputs)(_scaled(pixels, TEACHER)))


def feature_network(data: Path, file: str, size: int | None = None) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3), of any size if None -> (n, size / 32, size / 32, width)."""
    import_tensorflow()
    import keras

    # Rebuilt for pictures of that size: its file may fix another.
    network = _load(data / "teachers" / file)
    resized = keras.models.clone_model(network, input_tensors=keras.Input((size, size, 3)))
    set_weights(resized, network.get_weights())
    pixels = keras.Input((size, size, 3))
    return keras.Model(pixels, folded(resized)(_scaled(pixels, file)))


def pooled_network(data: Path, size: int, files: Iterable[str] = TEACHERS) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3) -> the means of the networks' feature maps, (n, width).

    Each network's part is of unit length, so that none speaks louder.
    """
    import_tensorflow()
    import keras

    pixels = keras.Input((size, size, 3))
    parts = []
    for file in files:
        x = keras.layers.GlobalAveragePooling2D()(feature_network(data, file, size)(pixels))
        parts.append(keras.layers.UnitNormalization()(x))
    joined = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(pixels, joined)


def _scaled(pixels: keras.KerasTensor, file: str) -> keras.KerasTensor:
    import keras

    offset, divisor = TEACHERS[file]
    return keras.layers.Rescaling(1 / divisor, offset=-offset / divisor)(pixels)


def _load(path: Path) -> keras.Model:
    import keras

    if not path.exists():
        raise CorpusError(f"The teacher {path.name} is missing from {path.parent}.")
    return keras.models.load_model(path, compile=False)

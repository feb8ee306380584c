"""The two teachers: ImageNet networks whose features `compact` learns to imitate."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.encoders.compact.corpus import CorpusError
from search.encoders.frozen import freeze
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

    Look = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

# file -> (offset, divisor): the network expects (x - offset) / divisor of pixels in 0..255.
TEACHERS: dict[str, tuple[float, float]] = {
    "efficientnet_lite0_imagenet_no_top.keras": (127.0, 128.0),
    "mobilenet_v2_1.0_224_tfslim_no_top.keras": (127.5, 127.5),
}
TEACHER_WIDTH = 2560
TEACHER_BATCH = 32


def map_network(data: Path, size: int, files: Iterable[str] = TEACHERS) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3) -> feature maps (n, size / 32, size / 32, width).

    Each teacher's part of the map's mean is of unit length, so that none speaks louder.
    """
    import_tensorflow()
    import keras

    pixels = keras.Input((size, size, 3))
    parts = []
    for file in files:
        offset, divisor = TEACHERS[file]
        x = keras.layers.Rescaling(1 / divisor, offset=-offset / divisor)(pixels)
        x = _load(data / "teachers" / file, size)(x)
        mean = keras.ops.mean(x, axis=(1, 2), keepdims=True)
        parts.append(x / keras.ops.norm(mean, axis=3, keepdims=True))
    joined = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(pixels, joined)


def pooled_network(data: Path, size: int, files: Iterable[str] = TEACHERS) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3) -> the mean of the teachers' feature maps, (n, width)."""
    maps = map_network(data, size, files)
    import keras

    return keras.Model(maps.inputs, keras.layers.GlobalAveragePooling2D()(maps.output))


def load_teachers(data: Path, *, source_size: int, teacher_size: int) -> Look:
    """A function from uint8 pixels to both teachers' feature maps, (n, h, w, 2560) float32.

    It takes exactly TEACHER_BATCH pictures of `source_size`.
    """
    tf = import_tensorflow()
    network = map_network(data, teacher_size)

    def maps(pixels: Any) -> Any:
        scaled = tf.image.resize(tf.cast(pixels, tf.float32), [teacher_size] * 2)
        return network(scaled, training=False)

    look = freeze(maps, tf.TensorSpec((TEACHER_BATCH, source_size, source_size, 3), tf.uint8))
    return lambda pixels: look(pixels).numpy()


def _load(path: Path, size: int) -> keras.Model:
    """The Keras network in `path`, rebuilt for pictures of `size`: its file may fix another."""
    import keras

    if not path.exists():
        raise CorpusError(f"The teacher {path.name} is missing from {path.parent}.")
    network = keras.models.load_model(path, compile=False)
    resized = keras.models.clone_model(network, input_tensors=keras.Input((size, size, 3)))
    resized.set_weights(network.get_weights())
    return resized

"""The two teachers: ImageNet networks whose pooled features `compact` learns to imitate."""

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

    Look = Callable[[NDArray[np.uint8], NDArray[np.float32]], NDArray[np.float32]]

# file -> (offset, divisor): the network expects (x - offset) / divisor of pixels in 0..255.
TEACHERS: dict[str, tuple[float, float]] = {
    "efficientnet_lite0_imagenet_no_top.keras": (127.0, 128.0),
    "mobilenet_v2_1.0_224_tfslim_no_top.keras": (127.5, 127.5),
}
TEACHER_WIDTH = 2560
TEACHER_BATCH = 32


def pooled_network(data: Path, size: int, files: Iterable[str] = TEACHERS) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3) -> the pooled features of these teachers, (n, width).

    Each teacher's part is of unit length, so that none speaks louder than the other.
    """
    import_tensorflow()
    import keras

    pixels = keras.Input((size, size, 3))
    parts = []
    for file in files:
        offset, divisor = TEACHERS[file]
        x = keras.layers.Rescaling(1 / divisor, offset=-offset / divisor)(pixels)
        x = keras.layers.GlobalAveragePooling2D()(_load(data / "teachers" / file, size)(x))
        parts.append(keras.layers.UnitNormalization()(x))
    joined = keras.layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(pixels, joined)


def load_teachers(data: Path, *, source_size: int, teacher_size: int) -> Look:
    """A function (pixels, boxes) -> pooled features of both teachers, (n, 2560) float32.

    It takes exactly TEACHER_BATCH uint8 pictures of `source_size` and the part of each to look
    at, (n, 4) as y1, x1, y2, x2 in fractions.
    """
    tf = import_tensorflow()
    pooled = pooled_network(data, teacher_size)

    def features(pixels: Any, boxes: Any) -> Any:
        crops = tf.image.crop_and_resize(
            tf.cast(pixels, tf.float32), boxes, tf.range(TEACHER_BATCH), [teacher_size] * 2
        )
        return pooled(crops, training=False)

    look = freeze(
        features,
        tf.TensorSpec((TEACHER_BATCH, source_size, source_size, 3), tf.uint8),
        tf.TensorSpec((TEACHER_BATCH, 4), tf.float32),
    )
    return lambda pixels, boxes: look(pixels, boxes).numpy()


def _load(path: Path, size: int) -> keras.Model:
    """The Keras network in `path`, rebuilt for pictures of `size`: its file may fix another."""
    import keras

    if not path.exists():
        raise CorpusError(f"The teacher {path.name} is missing from {path.parent}.")
    network = keras.models.load_model(path, compile=False)
    resized = keras.models.clone_model(network, input_tensors=keras.Input((size, size, 3)))
    resized.set_weights(network.get_weights())
    return resized

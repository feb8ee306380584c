"""Networks frozen for inference: their weights become constants of the graph."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import numpy as np
    from numpy.typing import NDArray

# A batch is filled up to the next of these, so that few shapes are ever compiled for.
BATCH_SHAPES = (1, 4, 8, 16, 32)


def freeze(function: Callable[..., Any], *signature: Any) -> Callable[..., Any]:
    """`function` traced once for exactly these `tf.TensorSpec`s, with its variables folded in."""
    tf = import_tensorflow()
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    traced = tf.function(function, autograph=False).get_concrete_function(*signature)
    frozen = convert_variables_to_constants_v2(traced)

    def call(*arguments: Any) -> Any:
        (result,) = frozen(*(tf.convert_to_tensor(argument) for argument in arguments))
        return result

    return call


class FrozenNetwork:
    """A Keras network (n, size, size, 3) -> (n, d) that turns uint8 pixels to unit vectors."""

    def __init__(self, model: keras.Model, input_size: int, feature_layer: str = "") -> None:
        self.model = model
        self.input_size = input_size
        self.feature_layer = feature_layer

    def vectors(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Unit-length vectors (n, d) of square RGB pictures (n, size, size, 3), n of any size."""
        import numpy as np

        largest = BATCH_SHAPES[-1]
        parts = [
            self._vectors(filled_up(part)).numpy()[: len(part)]
            for part in (pixels[i : i + largest] for i in range(0, len(pixels), largest))
        ]
        return np.concatenate(parts) if parts else self._vectors(filled_up(pixels)).numpy()[:0]

    def feature_map(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The output (h, w, c) of the feature layer for one picture (size, size, 3)."""
        features: NDArray[np.float32] = self._feature_maps(pixels[None]).numpy()[0]
        return features

    @cached_property
    def _vectors(self) -> Callable[..., Any]:
        tf = import_tensorflow()

        def unit_vectors(pixels: Any) -> Any:
            answers = self.model(tf.cast(pixels, tf.float32), training=False)
            return tf.math.l2_normalize(tf.cast(answers, tf.float32), axis=1)

        return freeze(unit_vectors, self._signature())

    @cached_property
    def _feature_maps(self) -> Callable[..., Any]:
        tf = import_tensorflow()
        import keras

        head = keras.Model(self.model.inputs, self.model.get_layer(self.feature_layer).output)

        def features(pixels: Any) -> Any:
            answers = head(tf.cast(pixels, tf.float32), training=False)
            return tf.cast(answers, tf.float32)

        return freeze(features, self._signature())

    def _signature(self) -> Any:
        tf = import_tensorflow()
        return tf.TensorSpec((None, self.input_size, self.input_size, 3), tf.uint8)


def filled_up(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The batch followed by black pictures, up to the next of BATCH_SHAPES."""
    import numpy as np

    shape = next(shape for shape in BATCH_SHAPES if shape >= len(pixels))
    padding = [(0, shape - len(pixels)), *[(0, 0)] * (pixels.ndim - 1)]
    return np.pad(pixels, padding)

"""Networks frozen for inference: their weights become constants of the graph."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from search.encoders.cloning import set_weights
from search.encoders.compact.network import EXACT_LAYER
from search.encoders.folding import folded
from search.encoders.memory import release_memory
from search.encoders.tensorflow import import_tensorflow, machine_plan, rounding_by_onednn

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.devices import Plan


def freeze(function: Callable[..., Any], *signature: Any, xla: bool = False) -> Callable[..., Any]:
    """`function` traced once for exactly these `tf.TensorSpec`s, with Keras' variables folded in.

    The graph is that of TensorFlow's `convert_variables_to_constants_v2`, which takes 100 MB more
    to make it from a network of 25 MB, and can't have it compiled by XLA.
    """
    tf = import_tensorflow()
    scope = _folding_scope()

    def constant(*arguments: Any) -> Any:
        with scope:
            return function(*arguments)

    traced = tf.function(constant, autograph=False, jit_compile=xla)
    frozen = traced.get_concrete_function(*signature)
    return lambda *arguments: frozen(*map(tf.convert_to_tensor, arguments))


def _folding_scope() -> Any:
    """A scope in which a Keras variable reads as a constant of the value it has now."""
    tf = import_tensorflow()
    import keras

    class Folding(keras.StatelessScope):  # type: ignore[misc] # Keras has no types
        def get_current_value(self, variable: Any) -> Any:
            # A plain scope inside this one reads the variable itself.
            with tf.init_scope(), keras.StatelessScope():
                value = variable.numpy()
            return tf.constant(value)

    return Folding()


class FrozenNetwork:
    """A Keras network (n, size, size, 3) -> (n, d) that turns RGB in 0..255 to unit vectors.

    It is frozen at its first question, normalizations folded into convolutions. Then
    its weights are in the graph, and `model` is None.
    """

    def __init__(
        self,
        model: keras.Model,
        input_size: int,
        feature_layer: str = "",
        plan: Plan | None = None,
    ) -> None:
        self.plan = plan or machine_plan()
        self.model: keras.Model | None = model
        self.input_size = input_size
        self.feature_layer = feature_layer
        # On a processor oneDNN rounds whatever it can of any graph. It knows of no layers that must
        # be exact, and there is none on a GPU.
        by_layers = self.plan.on_gpu or names_exact_layers(model)
        in_bfloat16 = self.plan.precision == "bfloat16"
        self.is_rounded_by_layers = in_bfloat16 and by_layers
        self.is_rounded_by_onednn = in_bfloat16 and not by_layers

    def vectors(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit-length vectors (n, d) of square RGB pictures (n, size, size, 3), n of any size."""
        import numpy as np

        largest = self.plan.batch_shapes[-1]
        parts = [
            self._answers(part)["vectors"].numpy()[: len(part)]
            for part in (pixels[i : i + largest] for i in range(0, len(pixels) or 1, largest))
        ]
        return np.concatenate(parts)

    def feature_map(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """The output (h, w, c) of the feature layer for one picture (size, size, 3)."""
        features: NDArray[np.float32] = self._answers(pixels[None])["features"].numpy()[0]
        return features

    def _answers(self, pixels: NDArray[np.float32]) -> Any:
        with rounding_by_onednn(self.is_rounded_by_onednn):
            return self._frozen(filled_up(pixels, self.plan.batch_shapes))

    @cached_property
    def _frozen(self) -> Callable[..., Any]:
        tf = import_tensorflow()
        import numpy as np

        shape = (self.input_size, self.input_size, 3)
        # One graph for vectors and features, or the weights would be in memory twice.
        frozen = freeze(
            _vectors_and_features(self._planned_model(), self.feature_layer),
            tf.TensorSpec((None, *shape)),
            xla=self.plan.on_gpu,
        )
        self.model = None
        release_memory()
        # TensorFlow optimises the graph at its first run, which takes more than all later ones.
        frozen(np.zeros((1, *shape), np.float32))
        release_memory()
        return frozen

    def _planned_model(self) -> keras.Model:
        model = folded(self.model)
        if self.is_rounded_by_layers:
            return in_mixed_precision(model, self.feature_layer)
        return model


def _vectors_and_features(model: keras.Model, feature_layer: str) -> Callable[[Any], Any]:
    """From pixels to unit vectors and, where it is named, the output of that layer."""
    tf = import_tensorflow()
    import keras

    outputs = {"vectors": model.output}
    if feature_layer:
        outputs["features"] = model.get_layer(feature_layer).output
    network = keras.Model(model.inputs, outputs)

    def vectors_and_features(pixels: Any) -> Any:
        answers = network(pixels, training=False)
        answers = {name: tf.cast(answer, tf.float32) for name, answer in answers.items()}
        return {**answers, "vectors": tf.math.l2_normalize(answers["vectors"], axis=1)}

    return vectors_and_features


def in_mixed_precision(model: keras.Model, feature_layer: str = "") -> keras.Model:
    """The same network with the same weights, computing in bfloat16 where that is safe.

    What comes before EXACT_LAYER has all its digits: see there. So has what comes behind the
    feature layer, or vectors would not quite be the sum of their parts (see
    search.encoders.explaining).
    """
    import keras

    names = [layer.name for layer in model.layers]
    begins = names.index(EXACT_LAYER) + 1 if EXACT_LAYER in names else 0
    ends = names.index(feature_layer) + 1 if feature_layer else len(names)
    exact = [*model.layers[:begins], *model.layers[ends:]]

    def mixed(layer: Any) -> Any:
        if isinstance(layer, keras.Model):
            return keras.models.clone_model(layer) if layer in exact else in_mixed_precision(layer)
        is_rounded = layer not in exact and may_round(layer)
        dtype = {"dtype": "mixed_bfloat16"} if is_rounded else {}
        return type(layer).from_config({**layer.get_config(), **dtype})

    copy = keras.models.clone_model(model, clone_function=mixed)
    set_weights(copy, model.get_weights())
    return copy


def names_exact_layers(model: keras.Model) -> bool:
    """Whether EXACT_LAYER is in the network, or in one inside it."""
    return any(layer.name == EXACT_LAYER for layer in model._flatten_layers())


def may_round(layer: Any) -> bool:
    """Whether the layer is neither one that makes pixels ready nor one that gives vectors.

    An operation of keras.ops has no say: it computes in whatever it is given.
    """
    import keras

    if not isinstance(layer, keras.layers.Layer):
        return False
    is_preprocessing = isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization)
    return not is_preprocessing and len(getattr(layer.output, "shape", ())) > 2


def filled_up(pixels: NDArray[np.float32], shapes: tuple[int, ...]) -> NDArray[np.float32]:
    """The batch followed by black pictures, up to the next of `shapes`."""
    import numpy as np

    shape = next(shape for shape in shapes if shape >= len(pixels))
    if shape == len(pixels):
        return pixels
    padding = [(0, shape - len(pixels)), *[(0, 0)] * (pixels.ndim - 1)]
    return np.pad(pixels, padding)

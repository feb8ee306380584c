"""A frozen network answers the same whatever the batch, and says how precisely it does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from search.encoders.compact.network import EXACT_LAYER
from search.encoders.devices import plan_for
from search.encoders.frozen import FrozenNetwork, filled_up, freeze, in_mixed_precision
from search.encoders.tensorflow import import_tensorflow


@pytest.fixture(scope="module")
def model() -> Any:
    """A small network of random weights: (n, 8, 8, 3) -> (n, 5), features (8, 8, 4)."""
    import_tensorflow()
    import keras

    pixels = keras.Input((8, 8, 3))
    features = keras.layers.Conv2D(4, 3, padding="same", name="features")(pixels)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    return keras.Model(pixels, keras.layers.Dense(5)(pooled))


@pytest.fixture(scope="module")
def frozen(model: Any) -> FrozenNetwork:
    return FrozenNetwork(model, 8, "features")


@pytest.fixture(scope="module")
def on_gpu(model: Any) -> FrozenNetwork:
    """As a GPU computes it: in mixed precision and compiled by XLA, which processors can do."""
    return FrozenNetwork(model, 8, "features", plan_for([(9, 0)], processor_bfloat16=False))


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (40, 8, 8, 3)).astype(np.float32)


def test_vectors_are_of_unit_length_and_single_precision(
    frozen: FrozenNetwork, pixels: np.ndarray
) -> None:
    vectors = frozen.vectors(pixels)
    assert vectors.shape == (40, 5)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)


@pytest.mark.parametrize("size", [1, 2, 4, 7, 16, 31, 33])
def test_a_picture_has_the_same_vector_in_a_batch_of_any_size(
    frozen: FrozenNetwork, pixels: np.ndarray, size: int
) -> None:
    assert farthest(frozen.vectors(pixels[:size]), frozen.vectors(pixels)[:size]) < 1e-3


def farthest(some: np.ndarray, others: np.ndarray) -> float:
    return float(np.linalg.norm(some - others, axis=1).max())


def test_an_empty_batch_has_no_vectors(frozen: FrozenNetwork, pixels: np.ndarray) -> None:
    assert frozen.vectors(pixels[:0]).shape == (0, 5)


def test_the_vectors_are_those_of_the_network_that_was_frozen(
    model: Any, pixels: np.ndarray
) -> None:
    expected = model(pixels).numpy()
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    frozen = FrozenNetwork(model, 8, plan=plan_for([], processor_bfloat16=False))
    assert np.linalg.norm(frozen.vectors(pixels) - expected, axis=1).max() < 1e-3


def test_the_feature_map_is_what_comes_before_pooling(
    frozen: FrozenNetwork, model: Any, pixels: np.ndarray
) -> None:
    features = frozen.feature_map(pixels[0])
    assert features.shape == (8, 8, 4)
    expected = model.layers[-1](features.mean(axis=(0, 1))[None]).numpy()[0]
    unit = expected / np.linalg.norm(expected)
    assert np.linalg.norm(frozen.vectors(pixels[:1])[0] - unit) < 1e-3


def test_the_network_is_let_go_of_once_its_weights_are_in_the_graph(
    model: Any, pixels: np.ndarray
) -> None:
    frozen = FrozenNetwork(model, 8)
    assert frozen.model is model
    frozen.vectors(pixels[:1])
    assert frozen.model is None


def test_a_network_is_not_traced_again_whatever_the_batches(pixels: np.ndarray) -> None:
    traced = []
    import keras

    class Counting(keras.layers.Layer):  # type: ignore[misc] # Keras has no types
        def call(self, x: Any) -> Any:
            traced.append(x.shape)
            return x

    inputs = keras.Input((8, 8, 3))
    frozen = FrozenNetwork(keras.Model(inputs, keras.layers.Flatten()(Counting()(inputs))), 8)
    frozen.vectors(pixels[:1])
    traced.clear()
    for size in (1, 3, 4, 16, 33, 0, 40):
        frozen.vectors(pixels[:size])
    assert not traced


def test_no_variable_is_left_in_a_frozen_graph(model: Any) -> None:
    tf = import_tensorflow()
    model.layers[-1].bias.assign([1.0, 2.0, 3.0, 4.0, 5.0])
    frozen = freeze(lambda x: model(x, training=False), tf.TensorSpec((None, 8, 8, 3)))
    before = frozen(np.zeros((1, 8, 8, 3), np.float32)).numpy()
    model.layers[-1].bias.assign([0.0] * 5)
    assert np.array_equal(frozen(np.zeros((1, 8, 8, 3), np.float32)).numpy(), before)


def test_on_a_gpu_the_network_is_compiled_and_answers_nearly_the_same(
    frozen: FrozenNetwork, on_gpu: FrozenNetwork, pixels: np.ndarray
) -> None:
    distances = np.linalg.norm(on_gpu.vectors(pixels) - frozen.vectors(pixels), axis=1)
    assert on_gpu.vectors(pixels).dtype == np.float32
    # bfloat16 keeps eight bits.
    assert 0 < distances.max() < 0.05


@pytest.mark.parametrize("size", [1, 2, 8, 9, 32])
def test_on_a_gpu_too_a_picture_has_the_same_vector_in_a_batch_of_any_size(
    on_gpu: FrozenNetwork, pixels: np.ndarray, size: int
) -> None:
    assert farthest(on_gpu.vectors(pixels[:size]), on_gpu.vectors(pixels)[:size]) < 1e-3


def test_on_a_gpu_too_it_has_that_at_any_place(on_gpu: FrozenNetwork, pixels: np.ndarray) -> None:
    assert farthest(on_gpu.vectors(pixels[::-1])[::-1], on_gpu.vectors(pixels)) < 1e-3


def test_in_mixed_precision_only_what_is_computed_is_rounded(model: Any) -> None:
    mixed = in_mixed_precision(model).get_layer("features")
    assert (mixed.compute_dtype, mixed.variable_dtype) == ("bfloat16", "float32")
    assert np.array_equal(mixed.get_weights()[0], model.get_layer("features").get_weights()[0])


def test_in_mixed_precision_the_statistics_it_was_adapted_to_are_kept(pixels: np.ndarray) -> None:
    import_tensorflow()
    import keras

    adapted = keras.layers.Normalization()
    adapted.adapt(pixels)
    model = keras.Sequential([keras.Input((8, 8, 3)), adapted])
    assert np.allclose(in_mixed_precision(model)(pixels), model(pixels), atol=1e-6)


def test_in_mixed_precision_pixels_are_made_ready_with_all_their_digits(pixels: np.ndarray) -> None:
    import_tensorflow()
    import keras

    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Rescaling(1 / 127.5, -1)])
    assert np.array_equal(in_mixed_precision(model)(pixels), model(pixels))


def test_in_mixed_precision_nothing_behind_the_features_is_rounded(model: Any) -> None:
    mixed = in_mixed_precision(model, "features")
    dtypes = [layer.compute_dtype for layer in mixed.layers[1:]]
    assert dtypes == ["bfloat16", "float32", "float32"]


def test_in_mixed_precision_nothing_before_the_exact_layer_is_rounded() -> None:
    import keras

    pixels = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3)(pixels)
    x = keras.layers.Activation("linear", name=EXACT_LAYER)(x)
    model = keras.Model(pixels, keras.layers.Conv2D(4, 3)(x))
    dtypes = [layer.compute_dtype for layer in in_mixed_precision(model).layers]
    assert dtypes == ["float32", "float32", "float32", "bfloat16"]


@pytest.mark.parametrize("name", ["any", EXACT_LAYER])
def test_on_a_processor_layers_round_only_where_some_are_exact(name: str) -> None:
    import keras

    pixels = keras.Input((8, 8, 3))
    inner = keras.Sequential([pixels, keras.layers.Activation("linear", name=name)])
    model = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(inner(pixels)))
    frozen = FrozenNetwork(model, 8, plan=plan_for([], processor_bfloat16=True))
    assert frozen.is_rounded_by_layers == (name == EXACT_LAYER)
    assert frozen.is_rounded_by_onednn == (name == "any")


def test_in_mixed_precision_no_vector_is_rounded(model: Any) -> None:
    dtypes = [layer.compute_dtype for layer in in_mixed_precision(model).layers[1:]]
    assert dtypes == ["bfloat16", "float32", "float32"]


@pytest.mark.parametrize(("count", "filled"), [(0, 1), (1, 1), (2, 4), (9, 16), (32, 32)])
def test_batches_are_filled_up_to_few_shapes(count: int, filled: int) -> None:
    pixels = np.ones((count, 2, 2, 3), np.float32)
    assert filled_up(pixels, (1, 4, 16, 32)).shape == (filled, 2, 2, 3)

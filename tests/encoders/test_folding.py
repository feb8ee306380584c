"""Folding leaves what a network answers, and takes the normalizations out of it where it can."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from search.encoders.folding import folded
from search.encoders.tensorflow import import_tensorflow

RANDOM = np.random.default_rng(0)
PIXELS = RANDOM.normal(size=(2, 12, 12, 3)).astype(np.float32)


def network(*between: Any) -> Any:
    """A Keras network that consists of these layers, its normalizations far from doing nothing."""
    import_tensorflow()
    import keras

    x = pixels = keras.Input((12, 12, 3))
    for layer in between:
        x = layer(x)
    return unsettled(keras.Model(pixels, x))


def unsettled(model: Any) -> Any:
    for weight in model.weights:
        weight.assign(weight.numpy() + RANDOM.uniform(0, 0.5, weight.shape))
    return model


def normalizations_in(model: Any) -> int:
    from keras import layers

    return sum(isinstance(layer, layers.BatchNormalization) for layer in model.layers)


def convolution(kind: str) -> Any:
    import_tensorflow()
    from keras import layers

    if kind == "depthwise":
        return layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False)
    return layers.Conv2D(5, 3, use_bias=kind == "biased")


@pytest.mark.parametrize("kind", ["plain", "biased", "depthwise"])
@pytest.mark.parametrize("is_scaled", [True, False])
def test_a_normalization_behind_a_convolution_is_folded_into_it(kind: str, is_scaled: bool) -> None:
    first = convolution(kind)
    from keras import layers

    normalization = layers.BatchNormalization(scale=is_scaled, center=is_scaled)
    model = network(first, normalization, layers.ReLU(), layers.Flatten())
    lighter = folded(model)
    assert normalizations_in(lighter) == 0
    assert np.allclose(lighter(PIXELS), model(PIXELS), atol=1e-4)


def test_other_normalizations_stay() -> None:
    first = convolution("plain")
    from keras import layers

    rectified = layers.Conv2D(4, 3, activation="relu")
    model = network(
        layers.BatchNormalization(), first, layers.ReLU(), layers.BatchNormalization(), rectified,
        layers.BatchNormalization(),
    )  # fmt: skip
    lighter = folded(model)
    assert normalizations_in(lighter) == 3
    assert np.allclose(lighter(PIXELS), model(PIXELS), atol=1e-4)


def test_behind_a_layer_as_activation_it_stays() -> None:
    convolution("plain")
    from keras import layers

    leaky = layers.Conv2D(5, 3, activation=layers.LeakyReLU())
    model = network(leaky, layers.BatchNormalization())
    lighter = folded(model)
    assert normalizations_in(lighter) == 1
    assert np.allclose(lighter(PIXELS), model(PIXELS), atol=1e-4)


def test_a_convolution_that_others_ask_too_stays_as_it_is() -> None:
    first = convolution("plain")
    import keras
    from keras import layers

    pixels = keras.Input((12, 12, 3))
    found = first(pixels)
    both = layers.Add()([layers.BatchNormalization()(found), found])
    model = unsettled(keras.Model(pixels, both))
    lighter = folded(model)
    assert normalizations_in(lighter) == 1
    assert np.allclose(lighter(PIXELS), model(PIXELS), atol=1e-4)


def test_networks_within_a_network_are_folded_too() -> None:
    first = convolution("depthwise")
    from keras import layers

    inner = network(first, layers.BatchNormalization())
    model = network(inner, layers.ReLU())
    lighter = folded(model)
    assert [normalizations_in(layer) for layer in lighter.layers if hasattr(layer, "layers")] == [0]
    assert np.allclose(lighter(PIXELS), model(PIXELS), atol=1e-4)


def test_statistics_that_a_network_was_adapted_to_are_kept() -> None:
    first = convolution("plain")
    import keras
    from keras import layers

    adapted = layers.Normalization()
    adapted.adapt(5 + 3 * PIXELS)
    pixels = keras.Input((12, 12, 3))
    model = keras.Model(pixels, layers.BatchNormalization()(first(adapted(pixels))))
    lighter = folded(model)
    assert normalizations_in(lighter) == 0
    assert np.allclose(lighter(PIXELS), model(PIXELS), atol=1e-4)


def test_what_is_folded_is_left_as_it_was() -> None:
    first = convolution("plain")
    from keras import layers

    model = network(first, layers.BatchNormalization())
    before = [model.get_weights(), model(PIXELS).numpy()]
    folded(model)
    folded(model)
    assert normalizations_in(model) == 1
    assert np.array_equal(model(PIXELS), before[1])
    assert all(map(np.array_equal, model.get_weights(), before[0]))

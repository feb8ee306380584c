"""Pixels become what a network expects, by the names that Keras has for it."""

from __future__ import annotations

import numpy as np
import pytest

from search.encoders.preprocessing import checked, preprocessed
from search.encoders.tensorflow import import_tensorflow


def applied(how: str, pixels: np.ndarray) -> np.ndarray:
    import_tensorflow()
    import keras

    source = keras.Input((2, 2, 3))
    network = keras.Model(source, preprocessed(source, how))
    return np.asarray(network(pixels))


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (2, 2, 2, 3)).astype(np.float32)


@pytest.mark.parametrize("how", ["tf", "torch", "caffe"])
def test_modes_are_those_of_keras(how: str, pixels: np.ndarray) -> None:
    found = applied(how, pixels)
    from keras.src.applications.imagenet_utils import preprocess_input

    assert np.allclose(found, preprocess_input(pixels.copy(), mode=how), atol=1e-4)


def test_a_range_is_an_offset_and_a_divisor(pixels: np.ndarray) -> None:
    assert np.allclose(applied("127,128", pixels), (pixels - 127) / 128, atol=1e-5)
    assert np.array_equal(applied("raw", pixels), pixels)


def test_one_range_has_one_spelling() -> None:
    assert checked("127.50, 127.5") == checked("127.5,127.50") == "127.5,127.5"
    assert checked("caffe") == "caffe"


@pytest.mark.parametrize("text", ["keras", "127", "1,0", "1,2,3", "nan,1", "a,b", ""])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="none of raw, tf, torch, caffe and OFFSET,DIVISOR"):
        checked(text)

"""A frozen network answers the same whatever the batch, and says how precisely it does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.encoders.frozen import FrozenNetwork, filled_up
from search.encoders.tensorflow import import_tensorflow, precision


@pytest.fixture(scope="module")
def frozen() -> FrozenNetwork:
    """A small network of random weights: (n, 8, 8, 3) -> (n, 5), features (8, 8, 4)."""
    import_tensorflow()
    import keras

    pixels = keras.Input((8, 8, 3))
    features = keras.layers.Conv2D(4, 3, padding="same", name="features")(pixels)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    return FrozenNetwork(keras.Model(pixels, keras.layers.Dense(5)(pooled)), 8, "features")


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (40, 8, 8, 3), np.uint8)


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
    distances = np.linalg.norm(
        frozen.vectors(pixels[:size]) - frozen.vectors(pixels)[:size], axis=1
    )
    assert distances.max() < 1e-3


def test_an_empty_batch_has_no_vectors(frozen: FrozenNetwork, pixels: np.ndarray) -> None:
    assert frozen.vectors(pixels[:0]).shape == (0, 5)


def test_the_feature_map_is_what_comes_before_pooling(
    frozen: FrozenNetwork, pixels: np.ndarray
) -> None:
    features = frozen.feature_map(pixels[0])
    assert features.shape == (8, 8, 4)
    expected = frozen.model.layers[-1](features.mean(axis=(0, 1))[None]).numpy()[0]
    unit = expected / np.linalg.norm(expected)
    assert np.linalg.norm(frozen.vectors(pixels[:1])[0] - unit) < 1e-3


@pytest.mark.parametrize(("count", "filled"), [(0, 1), (1, 1), (2, 4), (9, 16), (32, 32)])
def test_batches_are_filled_up_to_few_shapes(count: int, filled: int) -> None:
    assert filled_up(np.ones((count, 2, 2, 3), np.uint8)).shape == (filled, 2, 2, 3)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fpu avx512_bf16 avx2", "bfloat16"), ("amx_bf16", "bfloat16"), ("avx2 avx512f", "float32")],
)
def test_precision_follows_the_processor(tmp_path: Path, flags: str, expected: str) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert precision(cpuinfo) == expected


def test_precision_is_single_where_the_processor_is_unknown(tmp_path: Path) -> None:
    assert precision(tmp_path / "cpuinfo") == "float32"

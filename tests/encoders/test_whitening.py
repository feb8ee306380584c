"""Whitened vectors are centred, and vary as much along every axis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.encoders.whitening import MOST_STRETCH, fit, packed, read


@pytest.fixture
def vectors() -> np.ndarray:
    """Deviations of 4, 2, 1 and almost nothing along four axes."""
    random = np.random.default_rng(0)
    return (random.normal(size=(4000, 4)) * [4, 2, 1, 1e-6] + [5, 0, -3, 1]).astype(np.float32)


def test_vectors_are_centred_with_a_deviation_of_one(vectors: np.ndarray) -> None:
    kernel, bias = fit(vectors, 3)
    found = vectors @ kernel + bias
    assert found.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-3)
    assert np.cov(found, rowvar=False) == pytest.approx(np.eye(3), abs=1e-2)


def test_the_axes_of_most_variance_are_kept(vectors: np.ndarray) -> None:
    kernel, _ = fit(vectors, 1)
    assert np.abs(kernel[:, 0]) == pytest.approx([1 / 4, 0, 0, 0], abs=0.01)


def test_noise_is_not_stretched_to_a_signal(vectors: np.ndarray) -> None:
    kernel, bias = fit(vectors, 4)
    assert np.abs(kernel[:, 3]).max() <= MOST_STRETCH / 4 * 1.1
    assert (vectors @ kernel + bias)[:, 3].std() < 1e-3


def test_what_was_written_is_read(vectors: np.ndarray, tmp_path: Path) -> None:
    kernel, bias = fit(vectors, 2)
    (tmp_path / "w.npz").write_bytes(packed(kernel, bias))
    found = read(tmp_path / "w.npz")
    assert np.array_equal(found[0], kernel)
    assert np.array_equal(found[1], bias)

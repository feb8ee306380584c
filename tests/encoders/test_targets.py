"""Targets: what the teachers see of any part of a picture, from one look at all of it."""

from pathlib import Path

import numpy as np
import pytest

from search.encoders.compact.corpus import Corpus
from search.encoders.compact.network import DIMENSIONS
from search.encoders.compact.targets import TargetBank, fit_projection, pooled

# Two cells side by side that see quite different things.
LEFT, RIGHT = [3.0, 0.0], [0.0, 4.0]
MAPS = np.array([[[LEFT, RIGHT]]], np.float16)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([0, 0, 1, 1], [1.5, 2]),
        ([0, 0, 1, 0.5], [3, 0]),
        ([0.2, 0.6, 0.4, 0.7], [0, 4]),
        # Two thirds of the box lie left, one third right.
        ([0, 0.1, 1, 0.7], [2, 4 / 3]),
        ([0, 0.7, 1, 0.1], [2, 4 / 3]),
        ([0.3, 0.3, 0.3, 0.3], [0, 0]),
    ],
)
def test_a_crop_is_the_mean_of_the_cells_it_covers(box: list[float], expected: list[float]) -> None:
    vector = pooled(MAPS, np.array([box], np.float32))[0]
    assert vector.tolist() == pytest.approx(expected, abs=1e-4)


def test_a_projection_centres_rotates_and_half_whitens() -> None:
    random = np.random.default_rng(0)
    deviations = np.array([25.0, *np.linspace(3, 1, 299)])
    features = (random.normal(size=(3000, 300)) * deviations + 5).astype(np.float32)
    projected = fit_projection(features)(features)
    assert np.abs(projected.mean(axis=0)).max() < 0.05
    assert projected[:, 0].std() == pytest.approx(np.sqrt(25), rel=0.05)


def test_a_projection_is_the_same_when_an_axis_is_found_the_other_way_round() -> None:
    features = np.random.default_rng(0).normal(size=(900, 300)).astype(np.float32)
    axes, mirrored = fit_projection(features).axes, fit_projection(-features).axes
    assert np.allclose(axes, mirrored, atol=1e-3)


def test_what_is_stored_is_not_computed_again(tmp_path: Path) -> None:
    pixels = np.zeros((3, 8, 8, 3), np.uint8)
    stored = np.ones((3, 1, 1, DIMENSIONS), np.float16)
    np.save(tmp_path / "maps-tiny.npy", stored)
    bank = TargetBank(tmp_path, Corpus(pixels, pixels), data=tmp_path / "there are no teachers")
    assert np.array_equal(bank.maps("tiny"), stored)

"""Targets are computed once for views that never change."""

from pathlib import Path

import numpy as np
import pytest

from search.encoders.compact.corpus import Corpus
from search.encoders.compact.network import DIMENSIONS
from search.encoders.compact.targets import TargetBank, fit_projection, view_boxes


def test_the_first_view_is_the_whole_picture() -> None:
    assert view_boxes("tiny", 0, 2).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1]]


def test_further_views_are_crops_inside_the_picture() -> None:
    top, left, bottom, right = view_boxes("photos", 1, 500).T
    assert min(top.min(), left.min()) >= 0
    assert max(bottom.max(), right.max()) <= 1 + 1e-6
    areas = (bottom - top) * (right - left)
    assert 0.2 < areas.min() < areas.max() <= 1
    assert areas.std() > 0.1


def test_a_view_is_the_same_at_every_start_and_differs_from_the_next() -> None:
    assert np.array_equal(view_boxes("tiny", 1, 9), view_boxes("tiny", 1, 9))
    assert not np.array_equal(view_boxes("tiny", 1, 9), view_boxes("tiny", 2, 9))
    assert not np.array_equal(view_boxes("tiny", 1, 9), view_boxes("photos", 1, 9))


def test_a_projection_centres_rotates_and_half_whitens() -> None:
    random = np.random.default_rng(0)
    deviations = np.array([25.0, *np.linspace(3, 1, 299)])
    features = (random.normal(size=(3000, 300)) * deviations + 5).astype(np.float16)
    projection = fit_projection(features)
    projected = (features.astype(np.float32) - projection.centre) @ projection.axes
    assert np.abs(projected.mean(axis=0)).max() < 0.05
    assert projected[:, 0].std() == pytest.approx(np.sqrt(25), rel=0.05)
    assert np.linalg.norm(projection(features[:5].astype(np.float32)), axis=1) == pytest.approx(1)


def test_what_is_stored_is_not_computed_again(tmp_path: Path) -> None:
    pixels = np.zeros((3, 8, 8, 3), np.uint8)
    stored = np.ones((3, DIMENSIONS), np.float16)
    np.save(tmp_path / "tiny-0.npy", stored)
    bank = TargetBank(tmp_path, Corpus(pixels, pixels), data=tmp_path / "there are no teachers")
    assert np.array_equal(bank.views("tiny", 1), stored[None])

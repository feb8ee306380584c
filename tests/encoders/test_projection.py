"""A projection: fewer axes, of which none shouts and none of noise speaks as loud as the rest."""

import numpy as np
import pytest

from search.encoders.compact.projection import fit_projection


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

"""A projection: fewer axes, of which none shouts and none of noise speaks as loud as the rest."""

import numpy as np
import pytest

from search.encoders.compact.projection import fit_projection, fit_projection_of_classes


def test_a_projection_centres_rotates_and_half_whitens() -> None:
    random = np.random.default_rng(0)
    deviations = np.array([25.0, *np.linspace(3, 1, 299)])
    features = (random.normal(size=(3000, 300)) * deviations + 5).astype(np.float32)
    projected = fit_projection(features, 200)(features)
    assert np.abs(projected.mean(axis=0)).max() < 0.05
    assert projected[:, 0].std() == pytest.approx(np.sqrt(25), rel=0.05)


def test_a_projection_is_the_same_when_an_axis_is_found_the_other_way_round() -> None:
    features = np.random.default_rng(0).normal(size=(900, 300)).astype(np.float32)
    axes, mirrored = fit_projection(features, 200).axes, fit_projection(-features, 200).axes
    assert np.allclose(axes, mirrored, atol=1e-3)


def test_what_differs_within_classes_counts_less_than_what_tells_them_apart() -> None:
    random, classes = np.random.default_rng(0), np.arange(3000) % 30
    features = random.normal(size=(3000, 400))
    # Of equal variance: the one is the picture's, the other its class's.
    features[:, 0] *= 10
    features[:, 1] += 10 * random.normal(size=30)[classes]
    projected = fit_projection_of_classes(features.astype(np.float32), classes.astype(str), 200)
    steps = np.zeros((3, 400), np.float32)
    steps[[1, 2], [0, 1]] = 1
    origin, *moved = projected(steps)
    of_pictures, of_classes = (np.linalg.norm(to - origin) for to in moved)
    assert of_pictures < 0.5 * of_classes
    assert np.abs(projected(features.astype(np.float32)).mean(axis=0)).max() < 0.01

"""Bootstrap intervals hold what they should."""

import numpy as np
import pytest

from search.bootstrap import bootstrap_interval, bootstrap_means, interval


def sample(size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).beta(2, 1, size)


def test_the_mean_lies_within() -> None:
    for seed in range(20):
        low, high = bootstrap_interval(sample(30, seed))
        assert low < sample(30, seed).mean() < high


def test_it_is_about_as_wide_as_the_normal_one() -> None:
    values = sample(400)
    low, high = bootstrap_interval(values)
    assert high - low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(400), rel=0.1)


def test_it_narrows_with_the_number_of_queries() -> None:
    widths = [np.subtract(*bootstrap_interval(sample(size))[::-1]) for size in (25, 100, 400)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] / widths[2] == pytest.approx(4, rel=0.4)


def test_95_of_100_hold_the_true_mean() -> None:
    intervals = [bootstrap_interval(sample(60, seed), seed) for seed in range(100)]
    assert sum(low <= 2 / 3 <= high for low, high in intervals) >= 88


def test_it_is_the_same_for_a_seed() -> None:
    values = sample(50)
    assert bootstrap_interval(values, 1) == bootstrap_interval(values, 1)
    assert bootstrap_interval(values, 1) != bootstrap_interval(values, 2)


def test_what_never_differs_is_certain() -> None:
    low, high = bootstrap_interval(np.full(9, 0.25))
    assert low == high == 0.25


def test_each_column_has_its_own() -> None:
    low, high = bootstrap_interval(np.stack([sample(40), sample(40, 1)], axis=1))
    assert (low[0], high[0]) == pytest.approx(bootstrap_interval(sample(40)))
    assert low[1] != low[0]


def test_nothing_asked_has_none() -> None:
    with pytest.raises(ValueError, match="nothing was asked"):
        bootstrap_interval(np.empty(0))


def test_differences_of_paired_means_are_surer_than_those_of_two() -> None:
    one = sample(100)
    other = np.clip(one + np.random.default_rng(1).normal(0.02, 0.02, 100), 0, 1)
    low, high = interval(bootstrap_means(other) - bootstrap_means(one))
    assert 0 < low < (other - one).mean() < high
    assert bootstrap_interval(other)[0] < bootstrap_interval(one)[1]

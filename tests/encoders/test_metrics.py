"""Figures of rankings, worked out by hand and by scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, ndcg_score

from search.metrics import (
    average_precision,
    bpref,
    interpolated_precision,
    ndcg_at,
    precision_at,
    r_precision,
    recall_at,
)

# Five images on a line: a at 0 and 1, b at 3, a at 7, b at 12; whom each finds, in order.
FOUND = np.array(
    [
        [1, 0, 1, 0],  # 0: 1a 2b 3a 4b
        [1, 0, 1, 0],  # 1: 0a 2b 3a 4b
        [0, 0, 0, 1],  # 2: 1a 0a 3a 4b
        [0, 0, 1, 1],  # 3: 2b 4b 1a 0a
        [0, 1, 0, 0],  # 4: 3a 2b 1a 0a
    ],
    np.bool_,
)


@pytest.fixture
def found() -> np.ndarray:
    """Fifty rankings of thirty, up to eleven relevant ones in each."""
    random = np.random.default_rng(3)
    rows = np.arange(30) < random.integers(1, 12, (50, 1))
    return random.permuted(rows, axis=1)


@pytest.fixture
def scores() -> np.ndarray:
    """What scikit-learn sorts by: the first ranked has most."""
    return np.tile(np.arange(30, 0, -1), (50, 1))


def test_average_precision_by_hand() -> None:
    expected = [(1 + 2 / 3) / 2, (1 + 2 / 3) / 2, 1 / 4, (1 / 3 + 2 / 4) / 2, 1 / 2]
    assert average_precision(FOUND) == pytest.approx(expected)


def test_average_precision_is_that_of_scikit_learn(found: np.ndarray, scores: np.ndarray) -> None:
    theirs = [average_precision_score(*query) for query in zip(found, scores, strict=True)]
    assert average_precision(found) == pytest.approx(theirs)


def test_precision_counts_missing_candidates_as_misses() -> None:
    assert precision_at(FOUND, 1).tolist() == [1, 1, 0, 0, 0]
    assert precision_at(FOUND, 5).tolist() == [2 / 5, 2 / 5, 1 / 5, 2 / 5, 1 / 5]


def test_recall_is_the_share_of_all_relevant_ones() -> None:
    assert recall_at(FOUND, 2).tolist() == [1 / 2, 1 / 2, 0, 0, 1]
    found = np.array([[True] * 12, [True] + [False] * 11])
    assert recall_at(found, 10).tolist() == [10 / 12, 1]


def test_r_precision_looks_as_deep_as_there_are_relevant_ones() -> None:
    assert r_precision(FOUND).tolist() == [1 / 2, 1 / 2, 0, 0, 0]


def test_gains_are_discounted_by_hand() -> None:
    # Relevant at the ranks 1 and 3 of two relevant ones: (1 + 1/2) / (1 + 1/log2(3)).
    second = 1 / np.log2(3)
    third, fourth = 1 / 2, 1 / np.log2(5)
    best = 1 + second
    expected = [(1 + third) / best] * 2 + [fourth, (third + fourth) / best, second]
    assert ndcg_at(FOUND, 10) == pytest.approx(expected)
    assert ndcg_at(FOUND, 1).tolist() == [1, 1, 0, 0, 0]


@pytest.mark.parametrize("k", [1, 5, 10, 30, 100])
def test_ndcg_is_that_of_scikit_learn(found: np.ndarray, scores: np.ndarray, k: int) -> None:
    theirs = ndcg_score(found, scores, k=k)
    assert ndcg_at(found, k).mean() == pytest.approx(theirs)


def test_interpolated_precision_is_the_best_at_that_recall_or_beyond() -> None:
    curve = interpolated_precision(FOUND)
    assert curve.shape == (5, 11)
    # One of two is found at once, the second at rank 3.
    assert curve[0] == pytest.approx([1] * 6 + [2 / 3] * 5)
    # 1/3 at rank 3, and at rank 4 more: 2/4.
    assert curve[3] == pytest.approx([1 / 2] * 11)
    assert curve[4] == pytest.approx([1 / 2] * 11)


def test_a_tenth_of_thirty_is_three() -> None:
    found = np.array([[True] * 3 + [False] * 7 + [True] * 27])
    assert interpolated_precision(found)[0, :2].tolist() == [1, 1]
    assert interpolated_precision(found)[0, 2] < 1


def test_bpref_by_hand() -> None:
    found = np.array(
        [
            [1, 0, 0, 1, 0],  # None is before the first right one, two of two before the second.
            [1, 0, 1, 1, 0],  # Of two wrong ones one is before the second and the third.
            [0, 1, 1, 0, 0],  # Three are judged, and the wrong one is before both.
            [0, 1, 0, 0, 0],  # One of three, but no more count than there are right ones.
            [1, 1, 0, 0, 0],  # Two are judged, both right.
        ],
        np.bool_,
    )
    judged = np.array([5, 5, 3, 4, 2])
    expected = [(1 + 0) / 2, (1 + 1 / 2 + 1 / 2) / 3, 0, 0, 1]
    assert bpref(found, judged) == pytest.approx(expected)


def test_without_a_query_there_is_no_value() -> None:
    for nobody in (np.empty((0, 0), np.bool_), np.empty((0, 4), np.bool_)):
        assert len(average_precision(nobody)) == len(ndcg_at(nobody, 5)) == 0
        assert len(bpref(nobody, np.empty(0, np.int64))) == 0
        assert len(r_precision(nobody)) == len(precision_at(nobody, 5)) == 0
        assert interpolated_precision(nobody).shape == (0, 11)

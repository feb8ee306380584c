"""Figures of classifications, worked out by hand and by scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as theirs
from sklearn.neighbors import KNeighborsClassifier

from search.classification import class_scores, confusion_matrix, most_voted
from search.rankings import rankings

# Three of class 0, two of class 1, one of class 2; nothing is taken for class 2.
TRUTH = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 0, 1])


@pytest.fixture
def many() -> tuple[np.ndarray, np.ndarray]:
    """Of 300 two thirds right; class 5 is never the truth, class 6 never the answer."""
    random = np.random.default_rng(1)
    truth = random.choice([0, 1, 2, 3, 4, 6], 300)
    guesses = random.integers(0, 6, 300)
    return truth, np.where((random.random(300) < 2 / 3) & (truth < 6), truth, guesses)


def test_the_confusion_matrix_has_the_truth_in_its_rows() -> None:
    assert confusion_matrix(TRUTH, PREDICTED, 3).tolist() == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]


def test_scores_by_hand() -> None:
    scores = class_scores(TRUTH, PREDICTED, 3)
    assert scores.precision == pytest.approx([2 / 3, 1 / 3, 0])
    assert scores.recall == pytest.approx([2 / 3, 1 / 2, 0])
    assert scores.f1 == pytest.approx([2 / 3, 2 / 5, 0])
    assert scores.support.tolist() == [3, 2, 1]


def test_scores_are_those_of_scikit_learn(many: tuple[np.ndarray, np.ndarray]) -> None:
    expected = theirs.precision_recall_fscore_support(*many, labels=range(7), zero_division=0)
    for ours, other in zip(class_scores(*many, 7), expected, strict=True):
        assert ours == pytest.approx(other)


def test_the_confusion_matrix_is_that_of_scikit_learn(many: tuple[np.ndarray, np.ndarray]) -> None:
    expected = theirs.confusion_matrix(*many, labels=range(7))
    assert confusion_matrix(*many, 7).tolist() == expected.tolist()


def test_one_that_counts_twice_is_as_two() -> None:
    times = np.array([2, 1, 0, 3, 1, 1])
    again = class_scores(TRUTH.repeat(times), PREDICTED.repeat(times), 3)
    for ours, other in zip(class_scores(TRUTH, PREDICTED, 3, times), again, strict=True):
        assert ours == pytest.approx(other)


@pytest.mark.parametrize(
    ("votes", "winner"),
    [([2, 1, 1], 1), ([2, 1, 0], 2), ([0, 1, 1, 0], 0), ([1, 0, 0, 1], 1), ([4], 4)],
)
def test_most_votes_win_and_of_as_many_the_nearest(votes: list[int], winner: int) -> None:
    assert most_voted(np.array([votes])).tolist() == [winner]


@pytest.mark.parametrize("k", [1, 5, 11])
def test_neighbours_vote_as_in_scikit_learn(k: int) -> None:
    random = np.random.default_rng(2)
    known, classes = random.normal(size=(80, 4)), random.integers(0, 2, 80)
    asked = random.normal(size=(30, 4))
    expected = KNeighborsClassifier(k, algorithm="brute").fit(known, classes).predict(asked)
    ((_, order),) = rankings(asked, known)
    assert most_voted(classes[order[:, :k]]).tolist() == expected.tolist()

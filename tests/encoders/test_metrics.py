"""Retrieval figures, against rankings worked out by hand."""

import numpy as np
import pytest

from search.metrics import ranking, recall_at, relevance, retrieval_quality

# On a line: a at 0 and 1, b at 3, a at 7, b at 12.
LINE = np.array([[0.0], [1.0], [3.0], [7.0], [12.0]])
LABELS = ["a", "a", "b", "a", "b"]


def test_the_nearest_come_first_and_the_query_never() -> None:
    assert ranking(LINE, 2).tolist() == [1, 0, 3, 4]


def test_equally_near_ones_come_in_the_order_of_their_index() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, 0.0]])
    assert ranking(vectors, 1).tolist() == [4, 0, 2, 3]
    assert ranking(vectors, 4).tolist() == [1, 0, 2, 3]


def test_relevance_follows_the_ranking() -> None:
    assert relevance(LINE, LABELS).astype(int).tolist() == [
        [1, 0, 1, 0],  # 0: 1a 2b 3a 4b
        [1, 0, 1, 0],  # 1: 0a 2b 3a 4b
        [0, 0, 0, 1],  # 2: 1a 0a 3a 4b
        [0, 0, 1, 1],  # 3: 2b 4b 1a 0a (distances 4, 5, 6, 7)
        [0, 1, 0, 0],  # 4: 3a 2b 1a 0a
    ]


def test_the_means_are_those_worked_out_by_hand() -> None:
    quality = retrieval_quality(LINE, LABELS)
    # Average precisions: (1 + 2/3) / 2 twice, 1/4, (1/3 + 2/4) / 2, 1/2.
    expected = (5 / 6 + 5 / 6 + 1 / 4 + 5 / 12 + 1 / 2) / 5
    assert quality.mean_average_precision == pytest.approx(expected)
    assert quality.precision_at_1 == pytest.approx(2 / 5)
    assert quality.precision_at_5 == pytest.approx((2 + 2 + 1 + 2 + 1) / 25)
    assert quality.recall_at_10 == 1


def test_one_alone_with_its_label_asks_nothing_but_stays_in_the_way() -> None:
    quality = retrieval_quality(np.array([[0.0], [1.0], [2.0]]), ["a", "alone", "a"])
    assert (quality.queries, quality.excluded) == (2, 1)
    assert quality.mean_average_precision == pytest.approx(1 / 2)


def test_recall_is_the_share_of_all_relevant_ones() -> None:
    found = np.array([[True] * 12, [True] + [False] * 11])
    assert recall_at(found, 10).tolist() == [10 / 12, 1]


@pytest.mark.parametrize("labels", [[], ["a"], ["a", "b"]])
def test_without_a_query_there_is_no_quality(labels: list[str]) -> None:
    quality = retrieval_quality(np.zeros((len(labels), 3)), labels)
    assert (quality.queries, quality.excluded) == (0, len(labels))
    assert quality.mean_average_precision == 0


def test_vectors_without_their_label_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors but 2 labels"):
        retrieval_quality(np.zeros((3, 2)), ["a", "b"])

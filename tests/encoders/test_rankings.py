"""Rankings by Euclidean distance, in blocks."""

import numpy as np
import pytest

from search import rankings as module
from search.rankings import leave_one_out_rankings, rankings

# On a line: 0, 1, 3, 7 and 12.
LINE = np.array([[0.0], [1.0], [3.0], [7.0], [12.0]])


def left_out(vectors: np.ndarray) -> list[list[int]]:
    blocks = [order for _, order in leave_one_out_rankings(vectors)]
    ranked: list[list[int]] = np.concatenate(blocks).tolist()
    return ranked


def test_the_nearest_come_first_and_the_query_never() -> None:
    assert left_out(LINE)[2] == [1, 0, 3, 4]


def test_equally_near_ones_come_in_the_order_of_their_index() -> None:
    vectors = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, 0.0]])
    assert left_out(vectors)[1] == [4, 0, 2, 3]
    assert left_out(vectors)[4] == [1, 0, 2, 3]


def test_equal_vectors_tie_whatever_their_numbers() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(40, 97)).astype(np.float32)
    copies = np.concatenate([vectors, vectors[::-1]])
    for _, order in rankings(random.normal(size=(5, 97)), copies):
        places = np.argsort(order, axis=1)
        assert (places[:, :40] + 1 == places[:, :39:-1]).all()


def test_queries_are_not_left_out_of_what_else_there_is() -> None:
    ((rows, order),) = rankings(np.array([[6.0]]), LINE)
    assert (rows, order.tolist()) == (slice(0, 1), [[3, 2, 1, 0, 4]])


def test_blocks_are_as_many_as_they_must_be(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = left_out(LINE)
    monkeypatch.setattr(module, "MOST_DISTANCES", 11)
    blocks = list(leave_one_out_rankings(LINE))
    assert [rows for rows, _ in blocks] == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert np.concatenate([order for _, order in blocks]).tolist() == whole


def test_nothing_is_ranked_without_a_query() -> None:
    assert list(leave_one_out_rankings(np.empty((0, 3)))) == []

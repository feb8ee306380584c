"""Retrieval and classification of labelled vectors, all figures together."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score

from search import rankings
from search.measuring import LabelledVectors, Measuring, NothingToFind, measure

# On a line: a at 0 and 1, b at 3, a at 7, b at 12.
LINE = LabelledVectors.of_one_class(np.array([[0.0], [1.0], [3.0], [7.0], [12.0]]), list("aabab"))


def one_class(*labels: str) -> LabelledVectors:
    """On a line at 0, 1, 2 and so on."""
    return LabelledVectors.of_one_class(np.arange(len(labels))[:, None] * 1.0, labels)


@pytest.fixture
def clouds() -> LabelledVectors:
    """Forty of each of four classes, which overlap."""
    classes = np.repeat(np.arange(4), 40)
    noise = np.random.default_rng(5).normal(size=(160, 6))
    return LabelledVectors.of_one_class(np.eye(4, 6)[classes] * 2 + noise, list(map(str, classes)))


def test_the_means_are_those_worked_out_by_hand() -> None:
    figures = measure(LINE).figures
    # Average precisions: (1 + 2/3) / 2 twice, 1/4, (1/3 + 2/4) / 2, 1/2.
    expected = (5 / 6 + 5 / 6 + 1 / 4 + 5 / 12 + 1 / 2) / 5
    assert figures["map"].value == pytest.approx(expected)
    assert figures["precision_at_1"].value == pytest.approx(2 / 5)
    assert figures["precision_at_5"].value == pytest.approx((2 + 2 + 1 + 2 + 1) / 25)
    assert figures["recall_at_10"].value == 1
    assert figures["r_precision"].value == pytest.approx(1 / 5)


def test_the_nearest_classifies_by_hand() -> None:
    found = measure(LINE, measuring=Measuring(votes=1)).classification
    assert found
    # The nearest of 0, 1, 3, 7, 12 are a, a, a, b, a.
    assert found.counts.tolist() == [[2, 1], [2, 0]]
    assert found.figures["accuracy"].value == pytest.approx(2 / 5)
    assert found.per_class["a"]["precision"].value == pytest.approx(2 / 4)
    assert found.per_class["a"]["recall"].value == pytest.approx(2 / 3)
    assert found.figures["macro_f1"].value == pytest.approx((4 / 7) / 2)
    assert found.mistakes() == [(2, "b", "a"), (1, "a", "b")]


def test_each_figure_has_its_interval_and_its_queries(clouds: LabelledVectors) -> None:
    quality = measure(clouds)
    for figure in [*quality.figures.values(), *quality.curve]:
        assert figure.low <= figure.value <= figure.high
        assert figure.queries == 160
    assert quality.figures["map"].high - quality.figures["map"].low > 0.01
    assert quality.classification
    assert {one["f1"].queries for one in quality.classification.per_class.values()} == {40}


def test_macro_means_are_those_of_scikit_learn(clouds: LabelledVectors) -> None:
    found = measure(clouds).classification
    assert found
    pairs = [(row, column) for (row, column), n in np.ndenumerate(found.counts) for _ in range(n)]
    truth, predicted = zip(*pairs, strict=True)
    ours, args = found.figures, {"average": "macro", "zero_division": 0}
    assert ours["macro_f1"].value == pytest.approx(f1_score(truth, predicted, **args))
    assert ours["macro_precision"].value == pytest.approx(precision_score(truth, predicted, **args))


def test_blocks_do_not_show(clouds: LabelledVectors, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = measure(clouds).as_json()
    monkeypatch.setattr(rankings, "MOST_QUERIES", 7)
    assert measure(clouds).as_json() == whole


def test_one_alone_with_its_label_asks_nothing_but_stays_in_the_way() -> None:
    quality = measure(one_class("a", "alone", "a"), measuring=Measuring(votes=1))
    assert (quality.queries, quality.excluded) == (2, 1)
    assert quality.figures["map"].value == pytest.approx(1 / 2)
    assert quality.classification
    assert quality.classification.classes == ["a", "alone"]
    assert quality.classification.per_class["alone"]["recall"].queries == 0


def test_relevant_is_what_shares_a_label_and_classified_what_has_one() -> None:
    members = np.array([[1, 0], [1, 1], [0, 1], [1, 0]], np.bool_)
    vectors = np.array([[0.0], [1.0], [2.0], [3.0]])
    quality = measure(LabelledVectors(vectors, ["a", "b"], members), measuring=Measuring(votes=1))
    # 0 finds 1 (shares a), not 2, and 3; 1 shares a class with all; 2 finds 1; 3 finds 1 and 0.
    assert quality.figures["precision_at_1"].value == pytest.approx(3 / 4)
    assert quality.queries == 4
    assert quality.classification
    # 1 is of two classes: it is not classified and does not vote. 0 and 3 are taken for b, as 2 is
    # nearest; 2 has 3 nearest.
    assert quality.classification.counts.tolist() == [[0, 2], [1, 0]]


def test_those_of_several_classes_only_are_not_classified() -> None:
    both = LabelledVectors(np.eye(3), ["a", "b"], np.ones((3, 2), np.bool_))
    quality = measure(both)
    assert quality.figures["map"].value == 1
    assert quality.classification is None
    assert quality.as_json()["confusion_matrix"] is None


def test_others_may_answer() -> None:
    asking = LINE.chosen(np.array([0, 0, 1, 0, 1], np.bool_))
    answering = LINE.chosen(np.array([1, 1, 0, 1, 0], np.bool_))
    with pytest.raises(NothingToFind):
        measure(asking, answering)
    quality = measure(LINE, answering, Measuring(votes=1))
    assert (quality.queries, quality.excluded) == (3, 2)
    assert quality.figures["map"].value == 1


def test_without_anybody_who_answers_those_who_ask_do_not() -> None:
    with pytest.raises(NothingToFind):
        measure(LINE, LINE.chosen(np.zeros(5, np.bool_)))


@pytest.mark.parametrize("labels", [[], ["a"], ["a", "b"]])
def test_without_a_query_there_is_no_quality(labels: list[str]) -> None:
    with pytest.raises(NothingToFind):
        measure(one_class(*labels))


def test_the_cut_that_is_asked_for_is_made_beside_the_usual_ones() -> None:
    figures = measure(LINE, measuring=Measuring(k=3)).figures
    assert {"precision_at_1", "recall_at_3", "ndcg_at_3", "ndcg_at_10"} <= set(figures)
    assert figures["precision_at_3"].value == pytest.approx((2 + 2 + 0 + 1 + 1) / 15)


def test_vectors_without_their_label_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors but 2 labels"):
        LabelledVectors.of_one_class(np.zeros((3, 2)), ["a", "b"])

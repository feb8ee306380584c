"""How much of what comparing all finds is found by the index; figures checked by hand."""

from math import isclose, sqrt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from gallery.models import User
from search.models import Encoder, SearchMeasurement
from search.recall import Answer, certain_mean, encoders_to_measure, measure, percentile, recall
from search.tasks import measure_searches

ENCODERS = reverse("admin:search_encoder_changelist")


def answer(*distances: float, milliseconds: float = 1.0) -> Answer:
    return Answer(list(distances), milliseconds)


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [
        (answer(0.1, 0.2), answer(0.1, 0.2), 1.0),
        (answer(0.1, 0.2), answer(0.1, 0.5), 0.5),
        (answer(0.1, 0.2), answer(0.1, 0.2009), 1.0),  # a tie, up to the epsilon
        (answer(0.1, 0.2, 0.3, 0.4), answer(0.2), 0.25),
        (answer(0.1), answer(), 0.0),
        (answer(), answer(), 1.0),
    ],
)
def test_recall_counts_what_is_as_near(truth: Answer, found: Answer, expected: float) -> None:
    assert recall(truth, found) == expected


def test_a_mean_is_certain_up_to_two_standard_errors() -> None:
    # Four deviations of 0.1: the standard deviation is 0.2 / sqrt(3), its error half of that.
    assert isclose(certain_mean([0.8, 1.0, 0.8, 1.0]), 0.9 - 0.2 / sqrt(3))
    assert certain_mean([1.0] * 4) == 1.0
    assert certain_mean([1.0]) == 0.0


def test_percentiles_are_times_that_were_measured() -> None:
    answers = [answer(milliseconds=float(time)) for time in range(20, 0, -1)]
    assert (percentile(answers, 0.5), percentile(answers, 0.95)) == (10.0, 19.0)
    assert percentile([], 0.5) == 0.0


def test_the_least_effort_that_is_enough_is_kept(indexed: Encoder) -> None:
    measure_searches()
    indexed.refresh_from_db()
    unfiltered = indexed.measurements.get(share=1)
    assert (indexed.ef_search, unfiltered.ef_search, unfiltered.vectors) == (100, 100, 400)
    assert unfiltered.recall_at_20 >= 0.99
    assert [kept.share for kept in indexed.measurements.all()] == [1, 0.1, 0.01, 0.001]


def test_more_effort_is_made_where_less_is_not_enough(indexed: Encoder, settings: Any) -> None:
    settings.ANN_RECALL = 1.01
    measure(indexed, count=2)
    assert set(indexed.measurements.values_list("ef_search", flat=True)) == {1000}


def test_what_was_measured_lately_is_not_measured_again(indexed: Encoder) -> None:
    assert encoders_to_measure() == [indexed]
    measure(indexed, count=2)
    assert encoders_to_measure() == []


def test_without_an_index_nothing_is_measured(many: Encoder) -> None:
    measure_searches()
    assert not SearchMeasurement.objects.exists()


def test_the_admin_shows_what_was_measured(indexed: Encoder, admin: Client) -> None:
    measure(indexed, count=2)
    recalled = f"{indexed.measurements.get(share=1).recall_at_20:.4f}"
    assert f'<td class="field-recall">{recalled}</td>' in admin.get(ENCODERS).text
    assert '<td class="field-index">answers</td>' in admin.get(ENCODERS).text
    page = admin.get(reverse("admin:search_encoder_change", args=[indexed.pk])).text
    assert page.count(recalled) >= 1
    assert "answers" in page


def test_in_the_admin_it_is_measured_anew(indexed: Encoder, admin: Client) -> None:
    measure(indexed, count=2)
    data = {"action": "measure_searches", "_selected_action": [indexed.pk]}
    assert "are being measured" in admin.post(ENCODERS, data, follow=True).text
    assert encoders_to_measure() == [indexed]


def test_staff_without_the_permission_measure_nothing(
    indexed: Encoder, client: Client, charlie: User
) -> None:
    measure(indexed, count=2)
    User.objects.filter(pk=charlie.pk).update(is_staff=True)
    charlie.user_permissions.set(Permission.objects.filter(codename="view_encoder"))
    client.force_login(User.objects.get(pk=charlie.pk))
    client.post(ENCODERS, {"action": "measure_searches", "_selected_action": [indexed.pk]})
    assert encoders_to_measure() == []

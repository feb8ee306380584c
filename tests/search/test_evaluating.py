"""Evaluations that people start are worked out by a worker, of what they may see."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from redis import Redis

from gallery.models import Image, State, User, Visibility
from gallery.models.work import MAX_ATTEMPTS
from search.evaluations import working
from search.evaluations.comparing import compared, is_paired
from search.evaluations.forms import start
from search.evaluations.working import GAVE_UP, evaluate_next, sweep
from search.marks import mark as mark_result
from search.models import Embedding, Encoder, Evaluation
from search.removal import mark
from search.tasks import evaluate_pending
from tests.search.conftest import at

Evaluated = Callable[..., Evaluation]
SETTINGS = {"labels": "tags", "at_least": 5, "part": "", "k": 10, "votes": 5, "seed": 0}


def test_it_is_worked_out_from_the_vectors_that_are_stored(
    pets: list[Image], alice: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    found = evaluated(alice, tiny)
    assert (found.state, found.error) == (State.READY, "")
    assert (found.found["encoder"], found.found["images"]) == ("tiny", 20)
    assert found.found["figures"]["map"] == {"value": 1.0, "low": 1.0, "high": 1.0, "queries": 20}
    assert found.samples["map"] == found.samples["accuracy"] == [1.0] * 1000
    assert found.seconds


def test_the_worker_is_rung_for_once(
    pets: list[Image],
    alice: User,
    tiny: Encoder,
    settings: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete("media")
        with django_capture_on_commit_callbacks(execute=True):
            first = start(alice, tiny, **SETTINGS)
            assert start(alice, tiny, **SETTINGS) == first
        assert redis.llen("media") == 1
    evaluate_pending()
    first.refresh_from_db()
    assert first.state == State.READY


def test_nothing_is_measured_on_what_the_person_may_not_see(
    pets: list[Image], bob: User, charlie: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    for image in [*pets[:6], *pets[-6:]]:
        image.shared_with.add(bob)
    found = evaluated(bob, tiny)
    seen = {image.pk for image in [*pets[:6], *pets[-6:]]}
    assert found.found["images"] == 12
    shown = {query["image"] for query in found.queries}
    shown |= {result["image"] for query in found.queries for result in query["results"]}
    assert shown <= seen
    none = evaluated(charlie, tiny)
    assert none.state == State.FAILED
    assert "that charlie may see are needed; there are none with any." in none.error


def test_a_sample_of_queries_is_kept_with_what_they_found(
    pets: list[Image], alice: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    Embedding.objects.filter(image=pets[0]).update(vector=at(20.5))
    found = evaluated(alice, tiny, votes=1)
    queries = {query["image"]: query for query in found.queries}
    assert sorted(query["classes"][0] for query in found.queries) == ["cat"] * 6 + ["dog"] * 6
    assert all(len(query["results"]) == 10 for query in found.queries)
    assert all(
        pk not in [one["image"] for one in query["results"]] for pk, query in queries.items()
    )
    dog = next(query for query in found.queries if query["classes"] == ["dog"])
    wrong = [result for result in dog["results"] if not result["right"]]
    assert [(one["image"], one["classes"]) for one in wrong] == [(pets[0].pk, ["cat"])]


def test_a_part_asks_those_to_learn_from(
    pets: list[Image], alice: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    found = evaluated(alice, tiny, part="test")
    assert (found.found["images"], found.found["candidates"]) == (2, 16)
    asked = {query["image"] for query in found.queries}
    answered = {one["image"] for query in found.queries for one in query["results"]}
    assert not asked & answered


def test_too_few_labels_are_named(
    pets: list[Image], alice: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    found = evaluated(alice, tiny, labels="albums", at_least=11)
    assert found.state == State.FAILED
    assert found.error.startswith("At least two albums with 11 or more images each that alice may")
    assert found.error.endswith("the largest: cats (10), dogs (10).")


def test_one_label_is_no_choice(
    pets: list[Image], alice: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    for image in pets[10:]:
        image.tags.clear()
    assert "Of 1 the largest: cat (10)." in evaluated(alice, tiny).error


def test_no_vectors_yet_is_said(
    pets: list[Image], alice: User, other: Encoder, evaluated: Evaluated
) -> None:
    assert "None of the 20 labelled images has a vector of other" in evaluated(alice, other).error


def test_an_encoder_that_is_removed_meanwhile_is_named(
    pets: list[Image], alice: User, other: Encoder, evaluated: Evaluated
) -> None:
    mark(other)
    assert evaluated(alice, other).error.startswith(f"{other.handle} is being removed")
    gone = start(alice, other, **SETTINGS)
    other.delete()
    evaluate_next()
    gone.refresh_from_db()
    assert gone.error.startswith("other@")


def test_figures_outlive_their_encoder(
    pets: list[Image], alice: User, other: Encoder, evaluated: Evaluated
) -> None:
    for image in pets:
        Embedding.objects.create(image=image, encoder=other, vector=at(image.pk), state="ready")
    found = evaluated(alice, other)
    other.delete()
    found.refresh_from_db()
    assert (found.encoder, found.encoder_name, found.state) == (None, "other", State.READY)


def test_too_many_images_are_refused(
    pets: list[Image],
    alice: User,
    tiny: Encoder,
    evaluated: Evaluated,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working, "MOST_IMAGES", 19)
    assert "20 images have such labels; at most 19" in evaluated(alice, tiny).error


def test_a_killed_worker_loses_nothing(pets: list[Image], alice: User, tiny: Encoder) -> None:
    evaluation = start(alice, tiny, **SETTINGS)
    claimed = Evaluation.objects.all().claim(1, timedelta(seconds=45))
    assert claimed == [evaluation]
    # Another worker leaves it alone while the lease runs, and takes it when that is over.
    assert not evaluate_next()
    Evaluation.objects.all().renew(timedelta(seconds=-1))
    assert sweep()
    assert evaluate_next()
    evaluation.refresh_from_db()
    assert (evaluation.state, evaluation.attempts) == (State.READY, 2)


def test_what_kills_its_worker_is_given_up(pets: list[Image], alice: User, tiny: Encoder) -> None:
    evaluation = start(alice, tiny, **SETTINGS)
    Evaluation.objects.update(attempts=MAX_ATTEMPTS)
    assert not sweep()
    evaluation.refresh_from_db()
    assert evaluation.error == GAVE_UP


def test_only_one_is_worked_out_at_a_time(pets: list[Image], alice: User, tiny: Encoder) -> None:
    start(alice, tiny, **SETTINGS)
    start(alice, tiny, **{**SETTINGS, "seed": 1})
    Evaluation.objects.all().claim(1, timedelta(seconds=45))
    assert not evaluate_next()


def blurred(pets: list[Image], other: Encoder) -> None:
    """Vectors by which every second cat lies among the dogs."""
    for number, image in enumerate(pets):
        place = number if number < 10 else number + 10
        moved = at(place + 20 if number in {0, 2, 4, 6} else place)
        Embedding.objects.create(image=image, encoder=other, vector=moved, state="ready")


def test_two_encoders_differ_by_the_same_samples_of_the_same_queries(
    pets: list[Image], alice: User, tiny: Encoder, other: Encoder, evaluated: Evaluated
) -> None:
    blurred(pets, other)
    first, second = evaluated(alice, tiny), evaluated(alice, other)
    assert is_paired(first, second)
    rows = {row.label: row.cells for row in compared([first, second])}
    difference = rows["mAP"][1].difference
    assert difference
    assert (difference.is_paired, difference.is_sure, difference.verdict) == (True, True, "worse")
    assert difference.low is not None
    assert difference.high is not None
    assert -1 < difference.low < difference.value < difference.high < 0
    same = next(iter(compared([first, first]))).cells[1].difference
    assert same
    assert (same.value, same.verdict) == (0, "no certain difference")


def test_of_other_queries_only_the_intervals_are_compared(
    pets: list[Image], alice: User, tiny: Encoder, other: Encoder, evaluated: Evaluated
) -> None:
    blurred(pets, other)
    Embedding.objects.filter(image=pets[3], encoder=other).delete()
    first, second = evaluated(alice, tiny), evaluated(alice, other)
    assert not is_paired(first, second)
    difference = next(iter(compared([first, second]))).cells[1].difference
    assert difference
    assert (difference.is_paired, difference.overlap, difference.verdict) == (False, False, "worse")


def test_people_see_the_evaluations_they_started(
    pets: list[Image], evaluator: User, bob: User, tiny: Encoder, evaluated: Evaluated
) -> None:
    Image.objects.update(visibility=Visibility.PUBLIC)
    own, others = evaluated(evaluator, tiny), evaluated(bob, tiny)
    assert list(Evaluation.objects.visible_to(evaluator)) == [own]
    # Who lost the permission has lost sight of what it was for.
    assert not Evaluation.objects.visible_to(bob).exists()
    evaluator.user_permissions.add(Permission.objects.get(codename="view_evaluation"))
    evaluator = User.objects.get(pk=evaluator.pk)
    assert set(Evaluation.objects.visible_to(evaluator)) == {own, others}


def test_marks_are_measured_as_by_the_command(
    pets: list[Image], evaluator: User, tiny: Encoder, other: Encoder, evaluated: Evaluated
) -> None:
    cat, near, far, dog = pets[0], pets[1], pets[3], pets[-1]
    for result, is_relevant in ((near, False), (far, True), (dog, False)):
        mark_result(evaluator, cat, result, is_relevant)
    for image, place in zip((cat, near, far, dog), (0, 2, 1, 3), strict=True):
        Embedding.objects.create(image=image, encoder=other, vector=at(place), state="ready")
    first, second = (evaluated(evaluator, one, labels="marks") for one in (tiny, other))
    assert (first.found["map"], second.found["map"]) == (0.5, 1.0)
    assert (first.found["marks"], first.found["queries"]) == (3, 1)
    (query,) = first.queries
    assert [result["right"] for result in query["results"]] == [False, True, False]
    assert is_paired(first, second)
    mark_result(evaluator, cat, dog, None)
    assert not is_paired(first, evaluated(evaluator, other, labels="marks"))

"""Explanations are asked for once, made by the worker, and forgotten after a day."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from redis import Redis

from gallery.models import Image, State, User
from search import requesting
from search.encoders.explaining import Unexplainable
from search.explaining import GAVE_UP, explain_next, sweep
from search.models import Embedding, Encoder, Explanation
from search.requesting import TooManyVisitors, explanation_for_waiting
from search.tasks import explain_wanted, sweep_embeddings
from search.why import why_similar
from tests.tiny_encoder import TinyEncoder

Store = Callable[..., Image]


class SilentEncoder(TinyEncoder):
    """One that can't tell."""

    name = "silent"
    digest = "2" * 64

    def parts(self, image: Any) -> Any:
        raise Unexplainable("It can’t tell.")


@pytest.fixture
def silent(settings: Any, db: None) -> Encoder:
    settings.ENCODERS = {**settings.ENCODERS, "silent": f"{__name__}.SilentEncoder"}
    return Encoder.objects.create(name="silent", digest=SilentEncoder.digest, dimensions=12)


@pytest.fixture
def pair(store: Store) -> tuple[Image, Image]:
    return store("red"), store("blue")


@pytest.fixture
def asked(pair: tuple[Image, Image], tiny: Encoder) -> Explanation:
    return explanation_for_waiting(*pair, tiny)


def test_the_worker_is_rung_for_once(
    pair: tuple[Image, Image], tiny: Encoder, settings: Any
) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete("query")
        explanation_for_waiting(*pair, tiny)
        explanation_for_waiting(*pair, tiny)
        assert redis.llen("query") == 1
    assert Explanation.objects.get().wanted


def test_the_task_makes_it(asked: Explanation) -> None:
    explain_wanted()
    asked.refresh_from_db()
    assert asked.state == State.READY
    # Each quarter of one picture matches the same of the other.
    assert asked.matches[0][0][0][0] > 0
    assert asked.matches[0][0][1][1] == 0
    assert not explain_next()


def test_an_encoder_that_can_not_tell_says_so(pair: tuple[Image, Image], silent: Encoder) -> None:
    explanation_for_waiting(*pair, silent)
    explain_next()
    assert Explanation.objects.get().error == "It can’t tell."


def test_one_that_can_not_be_loaded_holds_up_no_other(
    pair: tuple[Image, Image], unloadable: Encoder, tiny: Encoder
) -> None:
    for encoder in (unloadable, tiny):
        explanation_for_waiting(*pair, encoder)
    while explain_next():
        pass
    assert "Too large" in Explanation.objects.get(encoder=unloadable).error
    assert Explanation.objects.get(encoder=tiny).state == State.READY


def test_one_that_can_not_be_computed_here_any_more_does_not_let_wait(
    pair: tuple[Image, Image],
    silent: Encoder,
    alice: User,
    embed: Callable[..., None],
    settings: Any,
) -> None:
    embed(*pair)
    settings.ENCODERS = {"tiny": settings.ENCODERS["tiny"]}
    why = why_similar(*pair, silent, alice)
    assert not explain_next()
    assert not why.is_waiting
    assert "There is no encoder 'silent'" in why.error


def test_a_vector_that_failed_is_the_reason(
    pair: tuple[Image, Image], tiny: Encoder, alice: User
) -> None:
    why_similar(*pair, tiny, alice)
    Embedding.objects.filter(image=pair[1]).fail("The file ends too early.")
    assert why_similar(*pair, tiny, alice).error == "The file ends too early."


def test_a_lost_bell_is_healed(asked: Explanation, settings: Any) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.delete("query")
        sweep_embeddings()
        assert redis.llen("query") == 1


def test_one_that_kills_its_worker_is_given_up(asked: Explanation) -> None:
    Explanation.objects.update(attempts=3)
    assert not sweep()
    asked.refresh_from_db()
    assert (asked.state, asked.error) == (State.FAILED, GAVE_UP)


def test_after_a_day_it_is_forgotten_and_may_be_asked_again(
    asked: Explanation, pair: tuple[Image, Image], tiny: Encoder
) -> None:
    Explanation.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    sweep()
    assert not Explanation.objects.exists()
    assert explanation_for_waiting(*pair, tiny).state == State.PENDING


def test_visitors_wait_behind_everybody_else(pair: tuple[Image, Image], tiny: Encoder) -> None:
    explanation_for_waiting(*pair, tiny, by_visitor=True)
    assert not Explanation.objects.get().wanted
    explanation_for_waiting(*pair, tiny)
    assert Explanation.objects.get().wanted


def test_visitors_get_so_many_an_hour(
    pair: tuple[Image, Image], tiny: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requesting, "MOST_FOR_VISITORS", 1)
    one, other = pair
    for _ in range(2):
        explanation_for_waiting(one, other, tiny, by_visitor=True)
    with pytest.raises(TooManyVisitors):
        explanation_for_waiting(other, one, tiny, by_visitor=True)
    Explanation.objects.update(created_at=timezone.now() - timedelta(minutes=61))
    explanation_for_waiting(other, one, tiny, by_visitor=True)
    assert Explanation.objects.count() == 2


def test_it_goes_with_its_images(asked: Explanation, pair: tuple[Image, Image]) -> None:
    pair[1].delete()
    assert not Explanation.objects.exists()


def test_it_is_about_one_picture(pair: tuple[Image, Image], tiny: Encoder) -> None:
    with pytest.raises(IntegrityError, match="one_asked_with"), transaction.atomic():
        Explanation.objects.create(encoder=tiny, result=pair[0])

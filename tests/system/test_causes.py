"""What waits for longer than it should is told with the cause, the certain ones first."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from gallery.models import Worker
from retrieval_site.system.backlogs import EMBEDDINGS, QUERIES, Backlog
from retrieval_site.system.causes import Scene, cause_of
from search.models import Encoder


def waiting(kind: Any = EMBEDDINGS, minutes: float = 10, **figures: Any) -> Backlog:
    return Backlog(kind, 5, timezone.now() - timedelta(minutes=minutes), **figures)


def worker(name: str, *queues: str, task: str = "", since: float = 0) -> Worker:
    now = timezone.now()
    tasks = [{"name": task, "since": now.timestamp() - since}] if task else []
    return Worker(name=name, queues=list(queues), tasks=tasks, started_at=now, seen_at=now)


ENCODER, BEAT = worker("encoder@a", "query", "embed"), worker("beat@a")


def told(backlog: Backlog, *workers: Worker, broker: bool = True) -> str:
    cause = cause_of(backlog, Scene(broker, list(workers)))
    return cause.text if cause else ""


def test_a_short_wait_needs_no_cause() -> None:
    assert told(waiting(minutes=1)) == ""
    assert told(waiting(QUERIES, minutes=1)) != ""
    assert told(Backlog(EMBEDDINGS)) == ""


def test_a_broker_that_is_away() -> None:
    assert told(waiting(), broker=False) == "Redis does not answer."


def test_a_queue_that_nobody_listens_on() -> None:
    assert told(waiting(), worker("media@a", "media"), BEAT) == "No worker listens on “embed”."


def test_an_encoder_that_is_not_installed() -> None:
    gone = Encoder(name="gone", digest="1" * 64)
    assert told(waiting(encoder=gone), ENCODER, BEAT).startswith("It can’t be computed here")


@pytest.mark.parametrize("figures", [{"done": 3}, {"leased": 1}])
def test_work_that_goes_on_is_no_alarm(figures: dict[str, int]) -> None:
    cause = cause_of(waiting(**figures), Scene(True, [ENCODER, BEAT]))
    assert cause is not None
    assert (cause.text, cause.is_alarm) == ("Being worked on.", False)


def test_a_worker_that_is_at_something_else() -> None:
    busy = worker("encoder@a", "embed", task="search.tasks.train_encoder", since=1500)
    assert told(waiting(), busy) == "encoder@a is at “train encoder”, for 25 minutes now."


def test_without_beat_nothing_that_was_lost_is_found() -> None:
    assert told(waiting(), ENCODER).startswith("Beat does not run")


def test_what_nobody_knows_is_said_so() -> None:
    assert "its log may tell why" in told(waiting(), ENCODER, BEAT)


@pytest.mark.parametrize(("done", "left"), [(0, None), (5, 60.0), (10, 30.0)])
def test_the_rest_takes_what_the_last_minute_says(done: int, left: float | None) -> None:
    assert waiting(done=done).seconds_left == left


def test_a_clock_that_is_behind_makes_no_negative_age() -> None:
    later: datetime = timezone.now() + timedelta(minutes=1)
    assert Backlog(EMBEDDINGS, 1, later).age == timedelta()

"""Bells ring for workers: at once, seldom in bulk work, and not at a broker that is away."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from redis import Redis

from gallery import bell
from gallery.bell import muffled, ring
from gallery.tasks import (
    change_pending,
    delete_stray_files,
    render_pending,
    sweep_jobs,
    sweep_renditions,
)
from retrieval_site.embedded.address import Address
from retrieval_site.embedded.locations import Locations
from retrieval_site.programs import gallery
from search.tasks import embed_pending, embed_wanted, sweep_embeddings


@pytest.fixture
def redis(settings: Any) -> Iterator[Redis]:
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client


def test_a_bell_rings_at_once(redis: Redis) -> None:
    ring(render_pending)
    ring(render_pending)
    assert redis.llen("media") == 2


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (embed_wanted, "query"),
        (embed_pending, "embed"),
        (sweep_embeddings, "sweep"),
        (sweep_renditions, "sweep"),
        (change_pending, "media"),
        (sweep_jobs, "sweep"),
        (delete_stray_files, "sweep"),
    ],
)
def test_every_task_has_its_queue(redis: Redis, task: Any, queue: str) -> None:
    ring(task)
    assert redis.llen(queue) == 1


def test_every_queue_has_its_worker(settings: Any, tmp_path: Path) -> None:
    stages = gallery(Locations(tmp_path), Address("127.0.0.1", 8000)).stages
    commands = [[str(word) for word in program.command] for stage in stages for program in stage]
    heard = [words[words.index("--queues") + 1] for words in commands if "--queues" in words]
    assert set(",".join(heard).split(",")) == {queue.name for queue in settings.CELERY_TASK_QUEUES}


def test_a_flushed_redis_takes_no_bell_along(redis: Redis) -> None:
    ring(embed_pending)
    redis.flushall()
    ring(embed_pending)
    assert redis.llen("embed") == 1


def test_bulk_work_rings_at_its_begin_and_its_end(redis: Redis) -> None:
    with muffled():
        ring(render_pending)
        assert redis.llen("media") == 1
        for _ in range(20):
            ring(render_pending)
            ring(embed_pending)
    assert (redis.llen("media"), redis.llen("embed")) == (2, 2)


def test_bulk_work_that_is_ended_rings_all_the_same(redis: Redis) -> None:
    with suppress(KeyboardInterrupt), muffled():
        ring(render_pending)
        raise KeyboardInterrupt
    assert redis.llen("media") == 2


def test_a_broker_known_to_be_away_is_left_alone_for_a_while(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell.silence, "until", monotonic() + 60)
    ring(render_pending)
    monkeypatch.setattr(bell.silence, "until", monotonic())
    ring(embed_pending)
    assert (redis.llen("media"), redis.llen("embed")) == (0, 1)

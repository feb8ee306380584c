"""Workers say that they live; who is killed falls silent, and who stops takes leave."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gallery.heartbeat import Heart
from gallery.models import Worker
from tests.system.conftest import Start, Works


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_worker_and_beat_are_there_from_their_start_to_their_stop(
    start: Start, tmp_path: Path
) -> None:
    worker = start("worker", "--queues", "sweep,media", "--pool", "solo", "--hostname", "media@%h")
    beat = start("beat", "--schedule", str(tmp_path / "schedule"))
    wait_until(Worker.objects.listening_on("media").exists)
    wait_until(Worker.objects.alive().beats().exists)
    found = {row.pid: row.queues for row in Worker.objects.all()}
    assert found == {worker.pid: ["media", "sweep"], beat.pid: []}
    for process in (worker, beat):
        process.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    beat.wait(15)
    assert not Worker.objects.exists()


def test_who_falls_silent_listens_no_more(works: Works) -> None:
    works("media", "media", silent_for=timedelta(seconds=31))
    works("other", "media", silent_for=timedelta(seconds=20))
    assert [worker.name for worker in Worker.objects.listening_on("media")] == ["other@here"]


def test_a_new_one_takes_over_the_row_of_the_one_before(works: Works) -> None:
    works("media", "media", silent_for=timedelta(hours=1))
    Heart("media@here", ["sweep", "media"]).beat()
    worker = Worker.objects.alive().get()
    assert (worker.pid, worker.queues) == (os.getpid(), ["media", "sweep"])


def test_a_worker_is_no_beat(works: Works) -> None:
    works("beaten", "media")
    beat = works("beat")
    assert list(Worker.objects.beats()) == [beat]

"""Workers say that they live; who is killed falls silent. test_deployment starts real ones."""

import os
from datetime import timedelta

from gallery.heartbeat import Heart
from gallery.models import Worker
from tests.system.conftest import Works


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

"""Workers and beat tell the database that they live, on which queues, and what they are at."""

import atexit
import logging
import os
from collections.abc import Iterator, Sequence
from threading import Event, Thread
from typing import Any

from celery.signals import beat_init, worker_ready, worker_shutdown
from django.db import Error, connection
from django.db.models.functions import Now
from django.utils import timezone

from gallery.models.workers import BEAT, Worker

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0


class Heart(Thread):
    """Beats in a thread of its own: a solo worker's first one is at work for minutes at a time."""

    def __init__(self, name: str, queues: Sequence[str]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.worker, self.queues = name, sorted(queues)
        self.started_at = timezone.now()
        self._stops = Event()

    def run(self) -> None:
        while True:
            self.beat()
            if self._stops.wait(BEAT_SECONDS):
                break
        connection.close()

    def beat(self) -> None:
        """Say it once. A database that is away is told at the next beat."""
        said = {
            "queues": self.queues,
            "pid": os.getpid(),
            "tasks": list(tasks_at_work()),
            "started_at": self.started_at,
            "seen_at": Now(),
        }
        try:
            Worker.objects.update_or_create(name=self.worker, defaults=said)
        except Error as error:
            connection.close()
            logger.warning("the database did not hear that %s lives: %s", self.worker, error)

    def stop(self) -> None:
        self._stops.set()
        self.join(BEAT_SECONDS)


def tasks_at_work() -> Iterator[dict[str, Any]]:
    """What this worker is at, whichever of its processes does it."""
    # Only a worker has it loaded anyway.
    from celery.worker import state

    for request in list(state.active_requests):
        yield {"name": request.name, "since": request.time_start}


hearts: list[Heart] = []


def begin(name: str, queues: Sequence[str]) -> None:
    heart = Heart(name, queues)
    hearts.append(heart)
    heart.start()


def on_worker_ready(sender: Any, **signal: Any) -> None:
    begin(sender.hostname, list(sender.app.amqp.queues.consume_from))


def on_beat_init(sender: Any, **signal: Any) -> None:
    begin(f"{BEAT}@{os.uname().nodename}", [])
    # Celery tells nobody that it stops.
    atexit.register(take_leave)


def take_leave(**signal: Any) -> None:
    """Say that this process stops. Who is killed can't, and falls silent."""
    while hearts:
        heart = hearts.pop()
        heart.stop()
        try:
            Worker.objects.filter(name=heart.worker, pid=os.getpid()).delete()
            Worker.objects.forgotten().delete()
        except Error as error:
            logger.warning("the database did not hear that %s stops: %s", heart.worker, error)


def connect() -> None:
    """Hear of Celery's own processes."""
    worker_ready.connect(on_worker_ready, dispatch_uid="gallery.heartbeat")
    beat_init.connect(on_beat_init, dispatch_uid="gallery.heartbeat")
    worker_shutdown.connect(take_leave, dispatch_uid="gallery.heartbeat")

"""Ringing for a worker. The rows are the queue of record; a bell nobody hears costs only time."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from time import monotonic

from celery.app.task import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# A web request must not wait for a broker that is away: one quick second try, then the sweep.
RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}
SILENT_SECONDS = 3


@dataclass
class Silence:
    """While a broker is known to be away this process does not try it at every bell."""

    until: float = 0.0

    def begin(self) -> None:
        self.until = monotonic() + SILENT_SECONDS

    def __bool__(self) -> bool:
        return monotonic() < self.until


silence = Silence()
# When each bell last rang, inside muffled().
rung: ContextVar[dict[Task, float] | None] = ContextVar("rung", default=None)


@contextmanager
def muffled() -> Iterator[None]:
    """For bulk work: inside, each bell rings once a second at most, and once more at the end."""
    bells: dict[Task, float] = {}
    token = rung.set(bells)
    try:
        yield
    finally:
        rung.reset(token)
        for task in bells:
            ring(task)


def is_muffled(task: Task) -> bool:
    bells, now = rung.get(), monotonic()
    if bells is None:
        return False
    if now - bells.get(task, 0.0) < 1.0:
        return True
    bells[task] = now
    return False


def ring(task: Task) -> None:
    """Send `task` now. A broker that can't be reached is logged, never raised."""
    if silence or is_muffled(task):
        return
    try:
        task.apply_async(retry=True, retry_policy=RETRY)
    except OperationalError as error:
        silence.begin()
        logger.warning("broker away, %s waits for the next sweep: %s", task.name, error)


def ring_on_commit(task: Task) -> None:
    """Send `task` once the rows it will look for can be seen by the worker."""
    transaction.on_commit(partial(ring, task))

"""Ringing for a worker. The rows are the queue of record; a bell nobody hears costs only time."""

import logging
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Any

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


def ring(task: Task, *args: Any) -> None:
    """Send `task` now. A broker that can't be reached is logged, never raised."""
    if silence:
        return
    try:
        task.apply_async(args, retry=True, retry_policy=RETRY)
    except OperationalError as error:
        silence.begin()
        logger.warning("broker away, %s waits for the next sweep: %s", task.name, error)


def ring_on_commit(task: Task, *args: Any) -> None:
    """Send `task` once the rows it will look for can be seen by the worker."""
    transaction.on_commit(partial(ring, task, *args))

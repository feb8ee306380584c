"""Ringing for a worker. The rows are the queue of record; a bell nobody hears costs only time."""

import logging
from functools import partial
from typing import Any

from celery.app.task import Task
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# A web request must not wait for a broker that is away: one quick second try, then the sweep.
RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2}


def ring(task: Task, *args: Any) -> None:
    """Send `task` now. A broker that can't be reached is logged, never raised."""
    try:
        task.apply_async(args, retry=True, retry_policy=RETRY)
    except OperationalError as error:
        logger.warning("broker away, %s waits for the next sweep: %s", task.name, error)


def ring_on_commit(task: Task, *args: Any) -> None:
    """Send `task` once the rows it will look for can be seen by the worker."""
    transaction.on_commit(partial(ring, task, *args))

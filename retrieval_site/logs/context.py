"""The request and the task that this thread is at, and how the one's name comes to the other."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any
from uuid import uuid4

from celery import current_task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun

HEADER = "request_id"
# What a proxy may say: nothing that could break a line, or fill a log.
SANE = re.compile(r"[A-Za-z0-9._=:-]{1,64}")
request_id: ContextVar[str] = ContextVar("request_id", default="")
began: ContextVar[float] = ContextVar("began", default=0.0)
logger = logging.getLogger("retrieval_site.tasks")


def sane_or_new(said: str) -> str:
    return said if SANE.fullmatch(said) else uuid4().hex


@contextmanager
def about(request: str) -> Iterator[None]:
    """Inside, lines and bells are about that request."""
    token = request_id.set(request)
    try:
        yield
    finally:
        request_id.reset(token)


def task_id() -> str:
    return str(current_task.request.id or "") if current_task else ""


def on_publish(headers: dict[str, Any], **signal: Any) -> None:
    """A bell tells who rang. One that a task rings is about the next in line, not about that."""
    if not task_id() and request_id.get():
        headers[HEADER] = request_id.get()


def on_task_begin(task: Any, **signal: Any) -> None:
    request_id.set(getattr(task.request, HEADER, None) or "")
    began.set(perf_counter())


def on_task_end(task: Any, state: str | None = None, **signal: Any) -> None:
    told = {"task": task.name, "state": state, "seconds": round(perf_counter() - began.get(), 4)}
    logger.info("%(task)s %(state)s", told, extra=told)
    request_id.set("")


def on_setup_logging(**signal: Any) -> None:
    """Django has set it up; Celery leaves it alone where somebody listens to this."""


def connect() -> None:
    before_task_publish.connect(on_publish, dispatch_uid="logs.publish")
    task_prerun.connect(on_task_begin, dispatch_uid="logs.begin")
    task_postrun.connect(on_task_end, dispatch_uid="logs.end")
    setup_logging.connect(on_setup_logging, dispatch_uid="logs.setup")

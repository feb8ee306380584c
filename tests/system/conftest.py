"""What the tests of the system share."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as site
from django.utils import timezone

from gallery.models import Worker
from tests.test_imports import ROOT, database_url

Works = Callable[..., Worker]
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Celery with these arguments on the database of the tests."""
    started = []

    def make(*arguments: str, **environment: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "retrieval_site", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "REDIS_URL": site.REDIS_URL,
                **environment,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield make
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def works(db: None) -> Works:
    """A worker that was heard of just now: `works("media", "sweep", "media")`."""

    def make(
        name: str, *queues: str, silent_for: timedelta = timedelta(), tasks: Any = ()
    ) -> Worker:
        now = timezone.now()
        return Worker.objects.create(
            name=f"{name}@here",
            queues=list(queues),
            pid=1,
            tasks=list(tasks),
            started_at=now - timedelta(hours=3),
            seen_at=now - silent_for,
        )

    return make


@pytest.fixture
def staffed(works: Works) -> None:
    """All that `script/server` starts is there."""
    works("media", "sweep", "media")
    works("encoder", "query", "embed")
    works("trainer", "train")
    works("beat")

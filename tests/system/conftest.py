"""What the tests of the system share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gallery.models import Worker

Works = Callable[..., Worker]


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
    works("beat")

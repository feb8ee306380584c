"""What the gallery needs to serve: its database, broker, storage and workers, looked at now.

The reasons are for everybody: no host, no path and no words of a driver are in them. Those are in
the log.
"""

import logging
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext, gettext_noop
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from gallery.models import Worker

logger = logging.getLogger(__name__)

DATABASE_MILLISECONDS = 2000
# Who asks wants to hear now, not after a third try.
AT_ONCE: dict[str, Any] = {
    "socket_timeout": 1.0,
    "socket_connect_timeout": 1.0,
    "retry": Retry(NoBackoff(), 0),
}


class Severity(IntEnum):
    """How much a finding matters."""

    READY = 0
    # Pages are served; something waits, or is refused with a reason.
    DEGRADED = 1
    UNREADY = 2


@dataclass(frozen=True)
class Finding:
    """What is wrong with one of the things that are needed; nothing without a reason."""

    reason: str = ""
    severity: Severity = Severity.READY

    @property
    def is_well(self) -> bool:
        return self.severity == Severity.READY


WELL = Finding()


def look_at_all() -> dict[str, Finding]:
    looks: dict[str, Callable[[], Finding]] = {
        "database": look_at_database,
        "broker": look_at_broker,
        "storage": look_at_storage,
        "workers": look_at_workers,
    }
    return {name: look() for name, look in looks.items()}


def look_at_database() -> Finding:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {DATABASE_MILLISECONDS}")
            missing = known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    except Error as error:
        return told(gettext_noop("The database does not answer."), error, Severity.UNREADY)
    if missing:
        return Finding(
            gettext_noop("The database is not migrated: run manage.py migrate."), Severity.UNREADY
        )
    return WELL


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Every migration this code comes with, by app and name."""
    return frozenset(MigrationLoader(None).disk_migrations or ())


def look_at_broker() -> Finding:
    try:
        with Redis.from_url(settings.REDIS_URL, **AT_ONCE) as redis:
            redis.ping()
    except RedisError as error:
        return told(
            gettext_noop("Redis does not answer: what is uploaded waits."), error, Severity.DEGRADED
        )
    return WELL


def look_at_storage() -> Finding:
    folder = Path(settings.MEDIA_ROOT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Nameless: whatever happens, nothing of it stays.
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"?")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        severity = Severity.DEGRADED if can_be_read(folder) else Severity.UNREADY
        return told(gettext_noop("The folder of the images can't be written to."), error, severity)
    if free < settings.IMAGE_MAX_BYTES:
        return Finding(gettext_noop("The disk of the images is full."), Severity.DEGRADED)
    return WELL


def can_be_read(folder: Path) -> bool:
    try:
        return any(True for _ in folder.iterdir())
    except OSError:
        return False


def look_at_workers() -> Finding:
    try:
        with transaction.atomic():
            deserted = deserted_queues()
    except Error:
        return Finding(gettext_noop("Not known: the database does not answer."), Severity.DEGRADED)
    if deserted:
        said = gettext("No worker listens on %(queues)s.") % {"queues": ", ".join(deserted)}
        return Finding(said, Severity.DEGRADED)
    return WELL


def deserted_queues() -> list[str]:
    """The queues that no living worker listens on."""
    heard = {queue for worker in Worker.objects.alive() for queue in worker.queues}
    return [queue.name for queue in settings.CELERY_TASK_QUEUES if queue.name not in heard]


def told(reason: str, error: Exception, severity: Severity) -> Finding:
    logger.warning("%s %s", reason, error)
    return Finding(reason, severity)

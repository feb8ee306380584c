"""What to do about a database that is being restarted: wait, or tell so."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

# What is raised while the database is away.
AWAY = (OperationalError, InterfaceError)
Result = TypeVar("Result")

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.5


def patiently(work: Callable[[], Result], seconds: float = PATIENCE_SECONDS) -> Result:
    """The result of `work`, which is begun anew while the database is away.

    Only for work that may be repeated. Raises the database's error after `seconds` of it.
    """
    until: float | None = None
    while True:
        try:
            return work()
        except AWAY:
            until = until or monotonic() + seconds
            if monotonic() > until:
                raise
            connection.close()
            sleep(PAUSE_SECONDS)

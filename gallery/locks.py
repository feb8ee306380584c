"""Locks that the database keeps, for what only one process may do at a time.

Whatever ends the process, the server lets go of them when its session ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Deleting files takes it for itself; whoever reads many of them, such as a backup, shares it.
FILES = 0x66696C65
CHECKING = 0x63686563


@contextmanager
def alone(number: int) -> Iterator[bool]:
    """Whether nobody else holds that lock, which is ours inside if so."""
    with taken("pg_try_advisory_lock", number, "pg_advisory_unlock") as is_ours:
        yield is_ours


@contextmanager
def shared(number: int) -> Iterator[None]:
    """Wait until nobody has that lock alone; inside nobody gets it so."""
    with taken("pg_advisory_lock_shared", number, "pg_advisory_unlock_shared"):
        yield


@contextmanager
def taken(take: str, number: int, give_back: str) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {take}(%s)", [number])
        is_ours = cursor.fetchone() != (False,)
        try:
            yield is_ours
        finally:
            if is_ours:
                cursor.execute(f"SELECT {give_back}(%s)", [number])

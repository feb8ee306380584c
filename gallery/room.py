"""Room in memory for what is large for a moment, shared by the threads of a process."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Lock

# Threads keep what they had, if it was no more than this share, so eight of them at most one room.
KEPT_SHARE = 1 / 8


class Room:
    """Room for so many bytes at a time; what takes more than all of it is in it alone."""

    def __init__(self, size: int) -> None:
        self.size = self._free = size
        # First come, first in: what is large does not wait for ever while small things pass by.
        self._entrance = Lock()
        self._changed = Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Wait for room for `size` bytes; who has some and asks for more may wait for itself."""
        share = min(size, self.size)
        with self._entrance, self._changed:
            self._changed.wait_for(lambda: self._free >= share)
            self._free -= share
        try:
            yield
        finally:
            if share > KEPT_SHARE * self.size:
                give_back()
            with self._changed:
                self._free += share
                self._changed.notify()


def give_back() -> None:
    """Give back to the system what the C library keeps for the threads of this process."""
    # Only glibc has this; others give memory back by themselves.
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)

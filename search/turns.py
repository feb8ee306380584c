"""Whose turn it is to change which encoders there are: their folders, and the rows that know them.

One process at a time does that. A person who asks for more is refused; a worker waits.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from time import sleep

from gallery import locks

logger = logging.getLogger(__name__)

LOCK = 0x656E636F
POLL_SECONDS = 2.0
BUSY = "Another process is adding or removing an encoder: try again when it is done."


class NotYourTurn(Exception):
    """Another process is adding or removing an encoder; the message says what to do."""


@contextmanager
def turn() -> Iterator[None]:
    """Inside, nobody else adds or removes an encoder. Raises NotYourTurn where somebody does."""
    with locks.alone(LOCK) as alone:
        if not alone:
            raise NotYourTurn(BUSY)
        yield


@contextmanager
def awaited_turn(beat: Callable[[], object] = lambda: None) -> Iterator[None]:
    """As `turn`, when it has come; until then `beat` is called now and then."""
    for waited in count():
        with locks.alone(LOCK) as alone:
            if alone:
                yield
                return
        if not waited:
            logger.warning("another process is adding or removing an encoder: this one waits")
        beat()
        sleep(POLL_SECONDS)

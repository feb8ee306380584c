"""Ctrl-C and SIGTERM, noticed at points where nothing is half-done."""

import signal
import time
from types import FrameType
from typing import Any, Self

STEP_SECONDS = 0.1


class Stopped(Exception):
    """Somebody asked this process to stop."""


class Interruption:
    """While entered, a request to stop is remembered; `pause` and `check` then raise Stopped.

    A handler that raises by itself could do so between the birth of a child and the moment we
    know of it.
    """

    def __init__(self) -> None:
        self.requested = False
        self._earlier: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup has a terminal's end ignored; that stays so.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                self._earlier[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True

    def check(self) -> None:
        if self.requested:
            raise Stopped

    def pause(self, seconds: float = STEP_SECONDS) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, STEP_SECONDS))
        self.check()

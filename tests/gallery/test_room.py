"""Threads that need much memory for a moment wait for each other."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from gallery.room import Room

# Ten bytes stand for hundreds of megabytes.
SIZE = 10
# Long enough for a thread that doesn't have to wait.
MOMENT = 0.1
DEADLINE = 10


class Guest:
    """A thread that takes room, and stays until it is told to leave."""

    def __init__(self, threads: ThreadPoolExecutor, room: Room, size: int) -> None:
        self.is_in, self._leaving = Event(), Event()
        self.done: Future[None] = threads.submit(self._stay, room, size)

    def _stay(self, room: Room, size: int) -> None:
        with room.taken(size):
            self.is_in.set()
            assert self._leaving.wait(DEADLINE)

    def leave(self) -> None:
        self._leaving.set()
        self.done.result(DEADLINE)


@pytest.fixture
def enter() -> Iterator[Callable[[int], Guest]]:
    room, guests = Room(SIZE), list[Guest]()
    with ThreadPoolExecutor(5) as threads:

        def enter(size: int) -> Guest:
            guests.append(Guest(threads, room, size))
            return guests[-1]

        yield enter
        for guest in guests:
            guest.leave()


def test_small_things_are_in_it_side_by_side(enter: Callable[[int], Guest]) -> None:
    assert all(enter(size).is_in.wait(DEADLINE) for size in (4, 3, 3))


def test_what_does_not_fit_waits(enter: Callable[[int], Guest]) -> None:
    first, second = enter(6), enter(6)
    assert first.is_in.wait(DEADLINE)
    assert not second.is_in.wait(MOMENT)
    first.leave()
    assert second.is_in.wait(DEADLINE)


def test_what_is_larger_than_the_room_is_in_it_alone(enter: Callable[[int], Guest]) -> None:
    large = enter(100 * SIZE)
    assert large.is_in.wait(DEADLINE)
    small = enter(1)
    assert not small.is_in.wait(MOMENT)
    large.leave()
    assert small.is_in.wait(DEADLINE)


def test_nothing_passes_by_what_waits(enter: Callable[[int], Guest]) -> None:
    small = enter(1)
    assert small.is_in.wait(DEADLINE)
    large = enter(SIZE)
    assert not large.is_in.wait(MOMENT)
    late = enter(1)
    assert not late.is_in.wait(MOMENT)
    small.leave()
    assert large.is_in.wait(DEADLINE)
    large.leave()
    assert late.is_in.wait(DEADLINE)


def test_whoever_fails_leaves_the_room() -> None:
    room = Room(SIZE)
    for _ in range(2):
        with pytest.raises(OSError, match="full"), room.taken(SIZE):
            raise OSError("full")

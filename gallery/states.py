"""What became of images, by the states of all the work that is done on each."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q

from gallery.models import Image, Rendering, State, WorkQuerySet
from gallery.models.images import ImageQuerySet

# Rows of work, each with an `image`. Apps that stand on gallery add theirs when they are ready.
works: list[Callable[[], WorkQuerySet[Any]]] = [Rendering.objects.all]


def some_work(state: State) -> Q:
    """For images: whether any work on them is in that state."""
    found = Q()
    for work in works:
        found |= Q(Exists(work().filter(image=OuterRef("pk"), state=state)))
    return found


def in_state(images: ImageQuerySet, state: str) -> ImageQuerySet:
    """Failed where anything failed, ready where all of it is done."""
    failed, waiting = some_work(State.FAILED), some_work(State.PENDING)
    if state == State.FAILED:
        return images.filter(failed)
    if state == State.PENDING:
        return images.filter(waiting & ~failed)
    return images.exclude(failed | waiting)


def fate_of(image: Image) -> tuple[str, str]:
    """The state that all work on it is in together, and the reason where any failed."""
    rows = [row for work in works for row in work().filter(image=image).values("state", "error")]
    for state in (State.FAILED, State.PENDING):
        for row in rows:
            if row["state"] == state:
                return state, row["error"]
    return State.READY, ""

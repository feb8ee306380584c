"""What became of images, by the states of all the work that is done on each."""

from collections.abc import Callable
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce

from gallery.models import Rendering, State, WorkQuerySet
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


def with_fate(images: ImageQuerySet) -> ImageQuerySet:
    """Each with `fate`, the state of all work on it together, and `failure`, the reason of one."""
    failed = [work().filter(image=OuterRef("pk"), state=State.FAILED) for work in works]
    reasons = [Subquery(work.values("error")[:1]) for work in failed]
    # Django's types refuse an annotation that the model already speaks of.
    told: Any = images
    found: ImageQuerySet = told.annotate(
        fate=Case(
            When(some_work(State.FAILED), then=Value(State.FAILED)),
            When(some_work(State.PENDING), then=Value(State.PENDING)),
            default=Value(State.READY),
        ),
        failure=Coalesce(*reasons, Value("", TextField())),
    )
    return found

"""What waits to be done, of every kind of work: how much, since when, and how fast it goes."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.app.task import Task
from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gallery.models import BulkJob, Rendering, State, StrayFile, WorkQuerySet
from gallery.tasks import change_pending, delete_stray_files, render_pending
from search.models import Embedding, Encoder, Evaluation, Explanation, Query, Training
from search.tasks import (
    embed_pending,
    embed_wanted,
    evaluate_pending,
    explain_wanted,
    train_waiting,
)

# Waiting for longer than this needs a reason: a person waits, or the bulk does.
FOR_A_PERSON, FOR_THE_BULK = timedelta(seconds=30), timedelta(minutes=2)
NOW, DAY = timedelta(minutes=1), timedelta(days=1)
# What workers are at stands at the head of the line: no more than this of it is looked at.
HEAD = 500
UNDONE = (State.PENDING, State.FAILED)
COUNTED = {"count": Count("*"), "since": Min("changed_at")}
NONE: dict[str, Any] = {"count": 0, "since": None}


@dataclass(frozen=True)
class Kind:
    """A kind of work: its rows, the task that does it, and when its waiting needs a reason."""

    slug: str
    label: str | Promise
    rows: Callable[[], Any]
    task: Task
    patience: timedelta = FOR_THE_BULK

    @property
    def queue(self) -> str:
        return queue_of(self.task)


@dataclass(frozen=True)
class Backlog:
    """How one kind of work stands now; embeddings are a kind an encoder."""

    kind: Kind
    waiting: int = 0
    since: datetime | None = None
    failed: int = 0
    # How many a worker is at, and how many were done in the last minute.
    leased: int = 0
    done: int = 0
    encoder: Encoder | None = None

    @property
    def label(self) -> str:
        if self.encoder:
            return _("Embeddings by %(encoder)s") % {"encoder": self.encoder}
        return str(self.kind.label)

    @property
    def age(self) -> timedelta:
        """For how long the oldest waits; by the clock of this machine."""
        return max(timezone.now() - self.since, timedelta()) if self.since else timedelta()

    @property
    def is_overdue(self) -> bool:
        return self.age > self.kind.patience

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at the speed of the last minute; None where there was none."""
        return 60 * self.waiting / self.done if self.done and self.waiting else None


RENDITIONS = Kind(
    "renditions", gettext_lazy("Thumbnails and previews"), Rendering.objects.all, render_pending
)
EMBEDDINGS = Kind("embeddings", gettext_lazy("Embeddings"), Embedding.objects.all, embed_pending)
QUERIES = Kind(
    "queries", gettext_lazy("Searches by a picture"), Query.objects.all, embed_wanted, FOR_A_PERSON
)
EXPLANATIONS = Kind(
    "explanations",
    gettext_lazy("Why similar?"),
    Explanation.objects.all,
    explain_wanted,
    FOR_A_PERSON,
)
EVALUATIONS = Kind(
    "evaluations",
    gettext_lazy("Evaluations"),
    Evaluation.objects.all,
    evaluate_pending,
)
TRAININGS = Kind("trainings", gettext_lazy("Trainings"), Training.objects.all, train_waiting)
CHANGES = Kind(
    "changes", gettext_lazy("Changes of many pictures"), BulkJob.objects.all, change_pending
)
FILES = Kind("files", gettext_lazy("Files to delete"), StrayFile.objects.due, delete_stray_files)


def queue_of(task: Task) -> str:
    route = settings.CELERY_TASK_ROUTES.get(task.name, {})
    return str(route.get("queue", settings.CELERY_TASK_DEFAULT_QUEUE))


def backlogs() -> list[Backlog]:
    """Every kind of work as it stands, in a fixed number of queries."""
    kinds = (RENDITIONS, QUERIES, EXPLANATIONS, EVALUATIONS, TRAININGS, CHANGES)
    plain = [backlog(kind) for kind in kinds]
    return [plain[0], *embedding_backlogs(), *plain[1:], files_to_delete()]


def backlog(kind: Kind) -> Backlog:
    rows: WorkQuerySet[Any] = kind.rows()
    undone = rows.filter(state__in=UNDONE).values("state").annotate(**COUNTED)
    counted = {row["state"]: row for row in undone}
    return standing(kind, counted, at_work(rows).count(), rows.done_within(NOW).count())


def embedding_backlogs() -> Iterator[Backlog]:
    """One of each encoder in use, in four queries."""
    encoders = Encoder.objects.in_use().order_by("-is_active", "pk").in_bulk()
    # By its encoders, although these are all: the index begins with them.
    rows = Embedding.objects.filter(encoder__in=list(encoders))
    counted: dict[int, dict[str, Any]] = defaultdict(dict)
    for row in rows.filter(state__in=UNDONE).values("encoder", "state").annotate(**COUNTED):
        counted[row["encoder"]][row["state"]] = row
    # Each encoder has a line of its own.
    heads = [head_of(Embedding.objects.of(encoder)) for encoder in encoders.values()]
    at_heads = rows.leased().filter(pk__in=rows.none().union(*heads, all=True))
    leased = Counter(at_heads.values_list("encoder", flat=True))
    done = dict(rows.done_within(NOW).values_list("encoder").annotate(count=Count("*")))
    for pk, encoder in encoders.items():
        yield standing(EMBEDDINGS, counted[pk], leased[pk], done.get(pk, 0), encoder)


def standing(
    kind: Kind, counted: dict[str, Any], leased: int, done: int, encoder: Encoder | None = None
) -> Backlog:
    waiting, failed = (counted.get(state, NONE) for state in UNDONE)
    return Backlog(kind, waiting["count"], waiting["since"], failed["count"], leased, done, encoder)


def at_work(rows: WorkQuerySet[Any]) -> WorkQuerySet[Any]:
    """What workers are at, as far as it stands at the head of the line."""
    return rows.leased().filter(pk__in=head_of(rows))


def head_of(rows: WorkQuerySet[Any]) -> QuerySet[Any, Any]:
    """Primary keys of what stands there."""
    return rows.pending().in_line()[:HEAD].values("pk")


def files_to_delete() -> Backlog:
    due = FILES.rows()
    found = due.aggregate(count=Count("*"), since=Min("delete_after"))
    return Backlog(FILES, found["count"], found["since"])


@dataclass(frozen=True)
class Speed:
    """How many of a kind were done in a day."""

    label: str
    count: int

    @property
    def a_minute(self) -> float:
        return self.count / (DAY / NOW)


def speeds() -> list[Speed]:
    """How many images got their renditions and how many an embedding in the last day."""
    embeddings = EMBEDDINGS.rows().filter(encoder__in=Encoder.objects.in_use())
    rows = {RENDITIONS: RENDITIONS.rows(), EMBEDDINGS: embeddings}
    return [Speed(str(kind.label), made.done_within(DAY).count()) for kind, made in rows.items()]

"""The processes that do the work, as they tell the database that they live."""

from datetime import timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Who has said nothing for this long is dead, hangs, or has no way to the database.
SILENCE = timedelta(seconds=30)
# How long one that fell silent is still told of.
MEMORY = timedelta(days=1)
BEAT = "beat"


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> Self:
        return self.filter(seen_at__gt=Now() - SILENCE)

    def with_life(self) -> Self:
        """Annotate `is_alive`, by the database's clock, which all of them share."""
        alive = Q(seen_at__gt=Now() - SILENCE)
        return self.annotate(is_alive=ExpressionWrapper(alive, models.BooleanField()))

    def listening_on(self, queue: str) -> Self:
        return self.alive().filter(queues__contains=[queue])

    def beats(self) -> Self:
        """Those that ring by the clock; they listen on nothing."""
        return self.filter(Q(name=BEAT) | Q(name__startswith=f"{BEAT}@"))

    def forgotten(self) -> Self:
        return self.filter(seen_at__lt=Now() - MEMORY)


class Worker(models.Model):
    """A worker, or beat: on which queues it listens, since when, and what it is at.

    Its row goes when it stops in order. One that is killed leaves it behind, and falls silent.
    """

    # What WorkerQuerySet.with_life() adds to its rows.
    is_alive: bool

    # As Celery calls it, name@host: the one that is started in its place takes its row over.
    name = models.CharField(_("name"), max_length=255, unique=True)
    queues: "ArrayField[list[str], list[str]]" = ArrayField(
        models.CharField(max_length=50), default=list
    )
    pid = models.PositiveIntegerField()
    # What it is at: names of tasks, each with since when, in seconds since the epoch.
    tasks: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    started_at = models.DateTimeField(_("started at"))
    seen_at = models.DateTimeField(_("last heard of"), db_default=Now())

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        default_permissions = ()
        permissions = [("view_system", _("Can see how the system fares"))]

    def __str__(self) -> str:
        return self.name

    @property
    def running_for(self) -> timedelta:
        return timezone.now() - self.started_at

    @property
    def silent_for(self) -> timedelta:
        return timezone.now() - self.seen_at

    @property
    def is_beat(self) -> bool:
        return self.name.partition("@")[0] == BEAT

    @property
    def oldest_task(self) -> dict[str, Any] | None:
        return min(self.tasks, key=lambda task: task["since"] or 0.0, default=None)

    @property
    def current_task(self) -> str:
        """What it is at the longest, in words; empty where it waits for something to do."""
        task = self.oldest_task
        return task["name"].rpartition(".")[2].replace("_", " ") if task else ""

    @property
    def busy_for(self) -> timedelta:
        """For how long it was at that when it was last heard of."""
        task = self.oldest_task
        since = task["since"] if task else None
        return timedelta(seconds=max(self.seen_at.timestamp() - since, 0)) if since else timedelta()

"""The processes that do the work, as they tell the database that they live."""

from datetime import timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

# Who has said nothing for this long is dead, hangs, or has no way to the database.
SILENCE = timedelta(seconds=30)
# How long one that fell silent is still told of.
MEMORY = timedelta(days=1)
BEAT = "beat"


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> Self:
        return self.filter(seen_at__gt=Now() - SILENCE)

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

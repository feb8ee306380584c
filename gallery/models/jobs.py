"""Changes of many images that a worker makes, some at a time."""

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models.people import User
from gallery.models.work import State, WorkItem, WorkQuerySet


class BulkJobQuerySet(WorkQuerySet["BulkJob"]):
    def visible_to(self, user: User) -> Self:
        """One's own; all of them where that is permitted."""
        return self if user.has_perm("gallery.view_bulkjob") else self.filter(person=user)

    def for_lists(self) -> Self:
        """Without what is large."""
        return self.select_related("person").defer("images")

    def advance(self, **progress: Any) -> int:
        """Note that a chunk is done: the next one has all its attempts, whoever takes it."""
        return self.update(attempts=0, leased_until=None, changed_at=Now(), **progress)


class BulkJob(WorkItem):
    """What somebody has done with many images: `done` of `total` so far, in their order.

    A chunk is changed in one transaction with the progress that tells of it, so that a worker
    that dies leaves nothing half done, and the next one goes on behind it.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="bulk_jobs",
        verbose_name=_("started by"),
    )
    # One of gallery.jobs.actions, and what its function is told.
    action = models.CharField(_("action"), max_length=40)
    said: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    # The same for people: an album by its title, a person by name.
    detail = models.CharField(_("what"), max_length=300, blank=True)
    # Those to be changed; none any more once all are. A row's progress is updated without it.
    images: "ArrayField[list[int], list[int]]" = ArrayField(models.BigIntegerField())
    total = models.PositiveIntegerField(_("pictures"))
    done = models.PositiveIntegerField(_("done"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    # How many were refused for which reason.
    refused: "models.JSONField[Any, Any]" = models.JSONField(_("refused"), default=dict)
    created_at = models.DateTimeField(_("started at"), default=timezone.now, editable=False)

    objects = BulkJobQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of many pictures")
        verbose_name_plural = _("changes of many pictures")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="no_more_done_than_all")
        ]
        indexes = [
            # Serves WorkQuerySet.claim().
            models.Index(
                fields=["-wanted", "id"], condition=Q(state="pending"), name="bulkjob_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} #{self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state != State.PENDING

    @property
    def count_refused(self) -> int:
        return sum(self.refused.values())

    @property
    def count_left(self) -> int:
        """How many needed no change."""
        return self.done - self.changed - self.count_refused

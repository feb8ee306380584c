"""Rows that stand for work to be done: the queue of record behind every bell."""

from datetime import timedelta
from typing import Any, Self, TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

MAX_ATTEMPTS = 3
Item = TypeVar("Item", bound="WorkItem")


class State(models.TextChoices):
    PENDING = "pending", _("waiting")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class WorkQuerySet(models.QuerySet[Item]):
    def pending(self) -> Self:
        return self.filter(state=State.PENDING)

    def failed(self) -> Self:
        return self.filter(state=State.FAILED)

    def unleased(self) -> Self:
        return self.filter(Q(leased_until=None) | Q(leased_until__lt=Now()))

    def claimable(self) -> Self:
        return self.pending().unleased().filter(attempts__lt=MAX_ATTEMPTS)

    def leased(self) -> Self:
        """Those that a worker is at, or was at until it died a moment ago."""
        return self.pending().filter(leased_until__gte=Now())

    def in_line(self) -> Self:
        """In the order in which they are claimed."""
        return self.order_by("-wanted", "pk")

    def done_within(self, period: timedelta) -> Self:
        return self.filter(state=State.READY, changed_at__gt=Now() - period)

    def exhausted(self) -> Self:
        """Items whose last permitted attempt ended without a word: it took its worker along."""
        return self.pending().unleased().filter(attempts__gte=MAX_ATTEMPTS)

    def claim(self, limit: int, lease: timedelta) -> list[Item]:
        """Lease up to `limit` items to the caller; what others hold is skipped.

        The attempt is counted before the work, so that an item which kills its worker is given up.
        One that was tried before travels alone and takes no batch along.
        """
        with transaction.atomic():
            items = list(
                self.claimable()
                .in_line()
                .select_for_update(skip_locked=True, no_key=True, of=("self",))[:limit]
            )
            if items:
                first = items[0]
                items = [item for item in items if not (first.attempts or item.attempts)] or [first]
                self._lease(items, lease)
        return items

    def _lease(self, items: list[Item], lease: timedelta) -> None:
        self.model._default_manager.filter(pk__in=[item.pk for item in items]).update(
            attempts=F("attempts") + 1, leased_until=Now() + lease
        )
        for item in items:
            item.attempts += 1

    def renew(self, lease: timedelta) -> int:
        return self.pending().update(leased_until=Now() + lease)

    def retry(self, **changes: Any) -> int:
        """Put the items back to the start of the queue's rules; returns how many."""
        return self.update(
            state=State.PENDING,
            attempts=0,
            leased_until=None,
            error="",
            changed_at=Now(),
            **changes,
        )

    def fail(self, error: str, **changes: Any) -> int:
        return self.update(
            state=State.FAILED, leased_until=None, error=error, changed_at=Now(), **changes
        )

    def succeed(self, **changes: Any) -> int:
        return self.update(
            state=State.READY,
            leased_until=None,
            error="",
            wanted=False,
            changed_at=Now(),
            **changes,
        )


class WorkItem(models.Model):
    """One piece of work: `pending` until it is `ready` or has `failed` with a reason."""

    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True, editable=False)
    wanted = models.BooleanField(default=False, help_text=_("A person is waiting for it."))
    error = models.TextField(_("reason of failure"), blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now_add=True, editable=False)

    class Meta:
        abstract = True

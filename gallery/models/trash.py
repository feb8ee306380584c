"""Images in the trash: seen there by those who may restore them, and nowhere else."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from gallery.models.images import Person

Item = TypeVar("Item", bound="Trashable")
# Overdue whatever TRASH_DAYS says.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def days_kept() -> timedelta:
    return timedelta(days=settings.TRASH_DAYS)


class TrashableQuerySet(models.QuerySet[Item]):
    def kept(self) -> Self:
        return self.filter(trashed_at=None)

    def trashed(self) -> Self:
        return self.filter(trashed_at__isnull=False)

    def overdue(self) -> Self:
        """Those whose days in the trash are over: nobody sees them, a worker deletes them."""
        return self.filter(trashed_at__lt=timezone.now() - days_kept())

    def in_trash_of(self, user: "Person") -> Self:
        """One's own; of everybody to those who may delete every image in the admin."""
        if not user.is_authenticated:
            return self.none()
        trashed = self.filter(trashed_at__gte=timezone.now() - days_kept())
        return trashed if user.has_perm("gallery.delete_image") else trashed.filter(owner=user)

    def last_trashed_first(self) -> Self:
        return self.order_by("-trashed_at", "-pk")

    def trash(self) -> int:
        """Put them into the trash; returns how many were not there yet."""
        return self.kept().update(trashed_at=Now())

    def restore(self) -> int:
        """Put them back where they were; returns how many."""
        return self.trashed().update(trashed_at=None)

    def doom(self) -> int:
        """Make them overdue, so that the worker deletes them next; returns how many."""
        return self.trashed().update(trashed_at=LONG_AGO)


class Trashable(models.Model):
    """What can lie in the trash. Its rows, files and vectors stay, so that it comes back whole."""

    trashed_at = models.DateTimeField(_("trashed at"), null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def days_left(self) -> int:
        """How many days it will stay in the trash, begun ones included."""
        if self.trashed_at is None:
            return settings.TRASH_DAYS
        return max(0, (self.trashed_at + days_kept() - timezone.now()).days + 1)

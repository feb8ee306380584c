"""How often something was tried that may not be tried at will."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone


class AttemptsQuerySet(models.QuerySet["Attempts"]):
    def over(self) -> Self:
        return self.filter(until__lte=Now())

    def count_one_more(self, subject: str, within: timedelta) -> int:
        """How often `subject` was tried by now, this time included; after `within` it is anew."""
        self.over().filter(subject=subject).delete()
        until = timezone.now() + within
        self.get_or_create(subject=subject, defaults={"until": until})
        self.filter(subject=subject).update(count=F("count") + 1)
        return self.filter(subject=subject).values_list("count", flat=True).first() or 1

    def take_one_back(self, subject: str) -> None:
        self.filter(subject=subject, count__gt=0).update(count=F("count") - 1)


class Attempts(models.Model):
    """A count in the database, so that it holds for all web processes and survives Redis."""

    # A digest: names that were tried, mistyped passwords among them, are not kept.
    subject = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    # Serves AttemptsQuerySet.over().
    until = models.DateTimeField(db_index=True)

    objects = AttemptsQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.count} until {self.until:%H:%M}"

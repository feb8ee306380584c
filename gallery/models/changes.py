"""What many images were like before they were changed at once."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from gallery.models.people import User

# How long a change can be undone.
LIFETIME = timedelta(days=1)


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def undoable_by(self, person: User) -> Self:
        return self.filter(person=person, created_at__gte=timezone.now() - LIFETIME)

    def expired(self) -> Self:
        return self.filter(created_at__lt=timezone.now() - LIFETIME)


class BulkChange(models.Model):
    """A change that can be undone: the row goes with its undoing, so that it happens once."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="bulk_changes"
    )
    action = models.CharField(max_length=20)
    # As the function of that action in gallery.bulk left it for the one in gallery.undoing.
    before: "models.JSONField[Any, Any]" = models.JSONField()
    # Serves expired().
    created_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    objects = BulkChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.action} by {self.person_id}"

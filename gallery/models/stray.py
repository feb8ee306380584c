"""Files that no image claims."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from django.core.files.storage import default_storage
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from gallery.storage import part_name

# Longer than any upload takes between writing its file and committing its row.
GRACE = timedelta(hours=1)


class StrayFileQuerySet(models.QuerySet["StrayFile"]):
    def announce(self, names: Iterable[str], grace: timedelta = GRACE) -> None:
        """Say *before* writing that these files will be there: if no row follows, they go."""
        self._add(names, grace)

    def doom(self, names: Iterable[str]) -> None:
        """Say that these files are no longer wanted."""
        self._add(names, timedelta())

    def _add(self, names: Iterable[str], grace: timedelta) -> None:
        delete_after = timezone.now() + grace
        self.bulk_create(
            [self.model(name=name, delete_after=delete_after) for name in names],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["delete_after"],
        )

    def adopt(self, names: Iterable[str]) -> None:
        """Call in the transaction that commits the row which owns these files."""
        self.filter(name__in=list(names)).delete()

    def due(self) -> Self:
        return self.filter(delete_after__lte=Now())


class StrayFile(models.Model):
    """A file in storage that no row claims, yet or any more.

    It is announced before it is written and adopted in the transaction that commits its row, so
    whatever is killed in between, no file stays without a row and no row is without a file.
    """

    name = models.CharField(max_length=200, unique=True)
    # Serves StrayFileQuerySet.due().
    delete_after = models.DateTimeField(db_index=True)

    objects = StrayFileQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def delete_file(self) -> None:
        for name in (self.name, part_name(self.name)):
            default_storage.delete(name)

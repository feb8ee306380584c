"""What was found when it was last looked whether the gallery is whole."""

from typing import Any

from django.db import models


class IntegrityCheckQuerySet(models.QuerySet["IntegrityCheck"]):
    def newest(self) -> "IntegrityCheck | None":
        return self.order_by("-pk").first()


class IntegrityCheck(models.Model):
    """One look at the whole gallery; only the last one is kept."""

    started_at = models.DateTimeField(editable=False)
    seconds = models.FloatField(editable=False)
    images = models.PositiveBigIntegerField(editable=False)
    # A list of {"kind", "text", "remedy", "count", "repaired", "which"}, the last a list of some.
    findings: "models.JSONField[Any, Any]" = models.JSONField(default=list, editable=False)

    objects = IntegrityCheckQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.left} left"

    @property
    def left(self) -> int:
        """How many defects there are that were not repaired."""
        return sum(finding["count"] - finding["repaired"] for finding in self.findings)

    @property
    def is_clean(self) -> bool:
        return not self.left

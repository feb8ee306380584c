"""How long it takes to embed: what several workers measure together."""

from math import inf
from typing import Self

from django.db import models
from django.db.models import F

from search.models.encoders import Encoder

# Seconds a batch may take to be counted in a row.
BOUNDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, inf)


class EmbeddingTimeQuerySet(models.QuerySet["EmbeddingTime"]):
    def note(self, encoder: Encoder, images: int, seconds: float) -> None:
        """Count one batch, from its claim to its committed vectors."""
        slow_enough = self.filter(encoder=encoder, bound__gte=seconds)
        counted = {"batches": F("batches") + 1, "images": F("images") + images}
        if not slow_enough.update(**counted, seconds=F("seconds") + seconds):
            rows = [self.model(encoder=encoder, bound=bound) for bound in BOUNDS]
            self.bulk_create(rows, ignore_conflicts=True)
            slow_enough.update(**counted, seconds=F("seconds") + seconds)

    def speed_of(self, encoder: Encoder) -> tuple[int, float] | None:
        """How many images the worker embedded by it so far, and how many of them a second."""
        all_batches = self.filter(encoder=encoder, bound=inf, seconds__gt=0).first()
        if all_batches is None:
            return None
        return all_batches.images, all_batches.images / all_batches.seconds

    def in_order(self) -> Self:
        return self.select_related("encoder").order_by("encoder", "bound")


class EmbeddingTime(models.Model):
    """Batches of an encoder that took no longer than `bound` seconds; the last counts all.

    A histogram as Prometheus has it, in the database: its makers are processes of other machines.
    """

    encoder = models.ForeignKey(Encoder, models.CASCADE, related_name="times")
    bound = models.FloatField()
    batches = models.PositiveBigIntegerField(default=0)
    images = models.PositiveBigIntegerField(default=0)
    seconds = models.FloatField(default=0)

    objects = EmbeddingTimeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["encoder", "bound"], name="time_bound_once")]

    def __str__(self) -> str:
        return f"{self.encoder_id} within {self.bound} s: {self.batches}"

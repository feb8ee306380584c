"""How near and how fast searches through an index were when they were last measured."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from search.models.encoders import Encoder


class SearchMeasurement(models.Model):
    """Sample searches of an encoder, each asked both ways: comparing all, and as people get it."""

    encoder = models.ForeignKey(Encoder, models.CASCADE, related_name="measurements")
    share = models.FloatField(
        _("share of the images"),
        help_text=_("What the filter leaves; 1 is no filter."),
    )
    vectors = models.PositiveIntegerField(_("vectors"))
    ef_search = models.PositiveSmallIntegerField(_("ef_search"))
    recall_at_20 = models.FloatField(_("recall@20"))
    exact_p50_ms = models.FloatField(_("exact p50, ms"))
    exact_p95_ms = models.FloatField(_("exact p95, ms"))
    p50_ms = models.FloatField(_("p50, ms"))
    p95_ms = models.FloatField(_("p95, ms"))
    measured_at = models.DateTimeField(_("measured at"), auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["encoder", "share"], name="measured_once_a_share")
        ]
        ordering = ["-share"]

    def __str__(self) -> str:
        return f"{self.encoder_id} at {self.share:.1%}: {self.recall_at_20:.4f}"

"""How well encoders tell labels apart, as people asked to have it measured."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gallery.models import WorkItem, WorkQuerySet
from gallery.models.images import Person
from search.models.encoders import Encoder


def may_evaluate(user: Person) -> bool:
    """Whether `user` may have encoders measured, and see what was measured for them."""
    return user.is_staff and user.has_perm("search.add_evaluation")


class EvaluationQuerySet(WorkQuerySet["Evaluation"]):
    def visible_to(self, user: Person) -> Self:
        """One's own; all of them where that is permitted."""
        if isinstance(user, AnonymousUser) or not may_evaluate(user):
            return self.none()
        return self if user.has_perm("search.view_evaluation") else self.filter(started_by=user)

    def held(self) -> Self:
        """Those that a worker is at."""
        return self.pending().filter(leased_until__gte=Now())

    def newest_first(self) -> Self:
        return self.order_by("-pk")

    def for_lists(self) -> Self:
        """Without what is large, but with the figures that a list shows."""
        shown = {
            "mean_average_precision": F("found__figures__map__value"),
            "accuracy": F("found__figures__accuracy__value"),
        }
        own = self.select_related("started_by").defer("found", "samples", "queries")
        return own.annotate(**shown, images=F("found__images"), classes=F("found__classes"))

    def for_pages(self) -> Self:
        """With all that the page of one shows."""
        return self.select_related("started_by").defer("samples")


class Evaluation(WorkItem):
    """What was asked to be measured, for whom, and what was found.

    Its encoder may be gone since. What is measured are images that `started_by` may see.
    """

    # What EvaluationQuerySet.for_lists() adds to its rows.
    mean_average_precision: float | None
    accuracy: float | None
    images: int | None
    classes: int | None

    encoder = models.ForeignKey(
        Encoder, models.SET_NULL, null=True, editable=False, related_name="evaluations"
    )
    encoder_name = models.CharField(_("encoder"), max_length=100, editable=False)
    encoder_digest = models.CharField(_("digest"), max_length=64, editable=False)
    # As search.labels.LabelSource and search.splitting.Part have them, or marks; no part is all.
    labels = models.CharField(_("labels"), max_length=10, editable=False)
    part = models.CharField(_("part"), max_length=10, blank=True, editable=False)
    at_least = models.PositiveIntegerField(_("at least"), editable=False)
    k = models.PositiveSmallIntegerField(editable=False)
    votes = models.PositiveSmallIntegerField(_("votes"), editable=False)
    seed = models.PositiveIntegerField(_("seed"), editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        editable=False,
        related_name="evaluations",
        verbose_name=_("started by"),
    )
    created_at = models.DateTimeField(_("started at"), auto_now_add=True)

    # The figures under the names of `evaluate_retrieval --json`.
    found: "models.JSONField[Any, Any]" = models.JSONField(null=True, editable=False)
    # Each figure in each bootstrap sample. Of the same queries and seed they are paired.
    samples: "models.JSONField[Any, Any]" = models.JSONField(null=True, editable=False)
    queries_digest = models.CharField(max_length=64, blank=True, editable=False)
    # See search.evaluations.sampling.sample_queries().
    queries: "models.JSONField[Any, Any]" = models.JSONField(null=True, editable=False)
    seconds = models.FloatField(_("seconds"), null=True, editable=False)

    # Of how many images until then the worker had made vectors by this encoder, and how fast.
    embedded = models.PositiveBigIntegerField(null=True, editable=False)
    images_per_second = models.FloatField(_("images per second"), null=True, editable=False)

    objects = EvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation")
        verbose_name_plural = _("evaluations")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(found__isnull=False), name="ready_has_figures"
            ),
        ]
        indexes = [
            # Serves WorkQuerySet.claim().
            models.Index(
                fields=["-wanted", "id"], condition=Q(state="pending"), name="evaluation_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.encoder_name} on {self.labels}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("search:evaluation", args=[self.pk])

    @property
    def handle(self) -> str:
        """What names its encoder on the command line."""
        return f"{self.encoder_name}@{self.encoder_digest[:8]}"

    @property
    def parameters(self) -> dict[str, Any]:
        """What the figures depend on besides the encoder, as `evaluate_retrieval` names it."""
        return {
            "labels": self.labels,
            "at_least": self.at_least,
            "split": self.part or None,
            "k": self.k,
            "votes": self.votes,
            "seed": self.seed,
        }

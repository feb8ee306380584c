"""What makes two pictures similar, and the work of finding it out."""

from datetime import timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from gallery.models import Image, WorkItem, WorkQuerySet
from search.models.encoders import Encoder
from search.models.queries import LIFETIME, Query

# As `Explanation.matches` has it: of each row and column of one picture those of the other.
Grid = list[list[float]]
Matches = list[list[Grid]]


class ExplanationQuerySet(WorkQuerySet["Explanation"]):
    def expired(self) -> Self:
        return self.filter(created_at__lt=Now() - LIFETIME)

    def asked_by_visitors_since(self, age: timedelta) -> Self:
        return self.filter(by_visitor=True, created_at__gt=Now() - age)


class Explanation(WorkItem):
    """What each pair of places adds to the similarity of two pictures, by one encoder.

    It is made when somebody asks and kept for a day: what is lost is made again.
    """

    encoder = models.ForeignKey(Encoder, models.CASCADE, related_name="+")
    # Either of these two was asked with.
    image = models.ForeignKey(Image, models.CASCADE, null=True, related_name="+")
    query = models.ForeignKey(Query, models.CASCADE, null=True, related_name="+")
    result = models.ForeignKey(Image, models.CASCADE, related_name="+")
    # Whether it was first asked for by somebody who had not signed in.
    by_visitor = models.BooleanField(default=False, db_default=False)
    # See search.encoders.explaining.matches().
    matches: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    # Serves ExplanationQuerySet.expired() and asked_by_visitors_since().
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = ExplanationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["encoder", "image", "query", "result"],
                nulls_distinct=False,
                name="explained_once",
            ),
            models.CheckConstraint(
                condition=Q(image=None, query__isnull=False) | Q(image__isnull=False, query=None),
                name="one_asked_with",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(matches__isnull=False), name="ready_has_matches"
            ),
        ]
        indexes = [
            # Serves WorkQuerySet.claim().
            models.Index(
                fields=["-wanted", "id"], condition=Q(state="pending"), name="explanation_pending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.query_id or self.image_id} and {self.result_id}: {self.state}"

"""Searches by a picture that is not stored, or by examples."""

from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from pgvector.django import HalfVectorField

from gallery.models import Image, WorkItem, WorkQuerySet
from gallery.models.images import Person
from search.models.encoders import Encoder
from search.models.saved import SavedSearch

LIFETIME = timedelta(days=1)


class QueryQuerySet(WorkQuerySet["Query"]):
    def asked_by(self, user: Person) -> Self:
        """Their own; one that is about an image they may no longer see is gone with it."""
        if not user.is_authenticated:
            return self.none()
        seen = Q(image=None) | Q(image__in=Image.objects.visible_to(user))
        return self.filter(seen, asker=user)

    def unsaved(self) -> Self:
        """Those whose question no saved search asks."""
        return self.exclude(Exists(SavedSearch.objects.filter(question=OuterRef("question"))))

    def with_picture(self) -> Self:
        """Those that ask with one picture, not with examples."""
        return self.exclude(image=None, file_name="")

    def in_line(self) -> Self:
        """In the order in which they were asked: their keys are random."""
        return self.order_by("-wanted", "created_at", "pk")

    def expired(self) -> Self:
        """Of those that saved searches ask only what failed, which is then asked anew."""
        return (self.unsaved() | self.failed()).filter(created_at__lt=Now() - LIFETIME)


class Query(WorkItem):
    """What somebody looks for: a vector, or a picture that a worker makes it from.

    A picture that was sent is never an image of the gallery. It goes with the query: after a day,
    or as soon as its asker wants it forgotten, unless a saved search asks with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="queries")
    # The same for all queries that differ in their encoder only.
    question = models.UUIDField(default=uuid4, db_default=RandomUUID(), editable=False)
    encoder = models.ForeignKey(Encoder, models.CASCADE, related_name="queries")
    # The stored image a part of which is meant, else the file of what was sent, else neither.
    image = models.ForeignKey(Image, models.CASCADE, null=True, editable=False, related_name="+")
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    # Fractions of the picture's width and height: x, y, width, height.
    crop: "models.JSONField[Any, Any]" = models.JSONField(null=True, editable=False)
    # Primary keys of the example images, which are not results themselves.
    examples: "models.JSONField[Any, Any]" = models.JSONField(default=list, editable=False)
    # Those of the examples that the results shall be unlike.
    disliked: "models.JSONField[Any, Any]" = models.JSONField(default=list, editable=False)
    # As SimilarityForm takes them.
    filters: "models.JSONField[Any, Any]" = models.JSONField(default=dict, editable=False)
    vector = HalfVectorField(null=True, editable=False)
    # Serves QueryQuerySet.expired().
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = QueryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "queries"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(vector__isnull=False), name="ready_query_has_vector"
            ),
            models.UniqueConstraint(fields=["question", "encoder"], name="asked_once_an_encoder"),
        ]
        indexes = [
            # Serves WorkQuerySet.claim().
            models.Index(
                fields=["-wanted", "created_at", "id"],
                condition=Q(state="pending"),
                name="query_in_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("search:found", args=[self.pk])

    @property
    def has_picture(self) -> bool:
        return bool(self.file_name or self.image_id)

    @property
    def liked(self) -> list[int]:
        return [pk for pk in self.examples if pk not in self.disliked]

    def put_to(self, encoder: Encoder) -> "Query":
        """The same question for another encoder, unsaved and without a vector."""
        return Query(
            asker=self.asker,
            question=self.question,
            encoder=encoder,
            image=self.image,
            file_name=self.file_name,
            crop=self.crop,
            examples=self.examples,
            disliked=self.disliked,
            wanted=True,
        )

    def path_to_why(self, result: int) -> str:
        """Where it is told why that image is found; empty where no one picture was asked with."""
        if not self.has_picture:
            return ""
        return reverse("search:why_found", args=[self.pk, result])

"""Vectors of images, and the work of making them."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from pgvector.django import HalfVectorField

from gallery.addresses import address
from gallery.models import Image, WorkItem, WorkQuerySet
from search.models.encoders import Encoder
from search.similarity import SimilarImages


class EmbeddingQuerySet(WorkQuerySet["Embedding"]):
    def of(self, encoder: Encoder) -> Self:
        return self.filter(encoder=encoder)

    def wanted(self) -> Self:
        return self.filter(wanted=True)

    def put_off(self, reason: str) -> int:
        """They wait with the bulk from now on; whoever waits for them is told why."""
        return self.update(wanted=False, error=reason)

    def outdated(self) -> Self:
        """Vectors of bytes that the image no longer has."""
        return self.exclude(vector=None).exclude(source_sha256=models.F("image__sha256"))


class Embedding(WorkItem):
    """One image's vector by one encoder: unit length, so Euclidean order is cosine order.

    While a ready one is made anew its old vector goes on answering.
    """

    image = models.ForeignKey(
        Image, models.CASCADE, related_name="embeddings", verbose_name=_("image")
    )
    encoder = models.ForeignKey(
        Encoder, models.CASCADE, related_name="embeddings", verbose_name=_("encoder")
    )
    vector = HalfVectorField(_("vector"), null=True, editable=False)
    # Reduced precision moves a vector, so it is known how each was computed, and from which bytes.
    precision = models.CharField(_("precision"), max_length=16, blank=True, editable=False)
    source_sha256 = models.CharField(_("source sha256"), max_length=64, blank=True, editable=False)
    # Since when the image has a vector of this encoder or of one before it.
    findable_since = models.DateTimeField(db_default=Now(), editable=False)

    objects = EmbeddingQuerySet.as_manager()
    similar = SimilarImages.as_manager()

    class Meta:
        verbose_name = _("embedding")
        verbose_name_plural = _("embeddings")
        default_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["image", "encoder"], name="one_vector_an_encoder"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(vector__isnull=False), name="ready_has_a_vector"
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(error=""), name="failed_has_a_reason"
            ),
        ]
        indexes = [
            # Serves encoders_in_line() and WorkQuerySet.claim(), which is of one encoder: the few
            # that wait among the many that are done.
            models.Index(
                fields=["encoder", "-wanted", "id"],
                condition=Q(state="pending"),
                name="embedding_in_line",
            ),
            # Serves coverages() and the system page: how many of an encoder are in which state,
            # since when, and how many a minute.
            models.Index(fields=["encoder", "state", "changed_at"], name="embedding_state"),
        ]

    def __str__(self) -> str:
        return f"{self.encoder_id} of image {self.image_id}: {self.state}"

    def path_to_why(self, result: int) -> str:
        """Where it is told why that image is like this one's."""
        return address("search:why", self.image_id, result)

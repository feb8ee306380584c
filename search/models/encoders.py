"""The encoders this gallery has used, and the one that answers."""

from typing import Self

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from search import encoders
from search.encoders import UnknownEncoder


class EncoderQuerySet(models.QuerySet["Encoder"]):
    def active(self) -> "Encoder | None":
        """The encoder whose vectors answer; None before the first migration has run."""
        return self.filter(is_active=True).first()

    def loadable(self) -> Self:
        """Those whose very network and weights this installation has."""
        return self.filter(pk__in=[encoder.pk for encoder in self if encoder.is_loadable])


class Encoder(models.Model):
    """A network with its weights, preprocessing and output size, known by name and digest."""

    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    dimensions = models.PositiveIntegerField(_("dimensions"), editable=False)
    is_active = models.BooleanField(_("active"), default=False, editable=False)
    # How many candidates a walk through its index keeps at a time: the least that found enough
    # when it was last measured (see search.recall).
    ef_search = models.PositiveSmallIntegerField(_("ef_search"), default=100, editable=False)
    created_at = models.DateTimeField(_("added at"), auto_now_add=True)

    objects = EncoderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "digest"], name="encoder_once"),
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="one_active_encoder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.digest[:8]})"

    @property
    def is_loadable(self) -> bool:
        try:
            return encoders.identify(self.name).digest == self.digest
        except UnknownEncoder:
            return False

    def activate(self) -> None:
        """Let this encoder's vectors answer from now on: one atomic switch."""
        with transaction.atomic():
            Encoder.objects.select_for_update().filter(is_active=True).update(is_active=False)
            self.is_active = True
            self.save(update_fields=["is_active"])

    def is_complete(self) -> bool:
        """Whether every image's vector was made, or was tried and can't be."""
        from gallery.models import Image, State

        done = self.embeddings.filter(image=OuterRef("pk")).exclude(state=State.PENDING)
        return not Image.objects.exclude(Exists(done)).exists()

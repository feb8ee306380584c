"""The encoders this gallery has used, and the one that answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.models import Image, State
from search import encoders
from search.encoders import DamagedWeights, UnknownEncoder

if TYPE_CHECKING:
    from search.models.scales import DistanceScale


@dataclass(frozen=True)
class Coverage:
    """Of how many images an encoder has a vector, and of how many it can't have one."""

    ready: int
    failed: int
    images: int

    def __str__(self) -> str:
        text = gettext("%(ready)s of %(images)s")
        return text % {"ready": spaced(self.ready), "images": spaced(self.images)}

    @property
    def waiting(self) -> int:
        return self.images - self.ready - self.failed


def spaced(number: int) -> str:
    """34475 as 34 475."""
    return f"{number:,}".replace(",", " ")


class EncoderQuerySet(models.QuerySet["Encoder"]):
    def active(self) -> "Encoder | None":
        """The encoder whose vectors answer; None before the first migration has run."""
        return self.filter(is_active=True).first()

    def in_use(self) -> Self:
        """All but those that are being removed."""
        return self.filter(is_being_removed=False)

    def with_names(self) -> Self:
        """Annotate `known_names`, those of all encoders in use, each once."""
        names = Encoder.objects.in_use().order_by("name").values("name").distinct()
        return self.annotate(known_names=ArraySubquery(names))

    def loadable(self) -> Self:
        """Those whose very network and weights this installation has."""
        return self.filter(pk__in=[encoder.pk for encoder in self if encoder.is_loadable])


class Encoder(models.Model):
    """A network with its weights, preprocessing and output size, known by name and digest."""

    # What EncoderQuerySet.with_names() adds.
    known_names: list[str]

    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    dimensions = models.PositiveIntegerField(_("dimensions"), editable=False)
    is_active = models.BooleanField(_("active"), default=False, editable=False)
    # How many candidates a walk through its index keeps at a time where it is not known what a
    # filter needs: as many as any did when it was last measured (see search.recall).
    ef_search = models.PositiveSmallIntegerField(_("ef_search"), default=100, editable=False)
    is_being_removed = models.BooleanField(_("being removed"), default=False, editable=False)
    created_at = models.DateTimeField(_("added at"), auto_now_add=True)

    objects = EncoderQuerySet.as_manager()

    class Meta:
        verbose_name = _("encoder")
        verbose_name_plural = _("encoders")
        constraints = [
            models.UniqueConstraint(fields=["name", "digest"], name="encoder_once"),
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="one_active_encoder"
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(is_being_removed=False),
                name="active_encoder_stays",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.digest[:8]})"

    @property
    def handle(self) -> str:
        """What names this one on the command line, among others of its name too."""
        return f"{self.name}@{self.digest[:8]}"

    @property
    def obstacle(self) -> str:
        """Why this installation can't compute its vectors; empty where it can."""
        try:
            installed = encoders.identify(self.name)
        except (UnknownEncoder, DamagedWeights) as error:
            return str(error)
        if installed.digest == self.digest:
            return ""
        text = gettext("%(name)s is %(digest)s here.")
        return text % {"name": self.name, "digest": installed.digest[:8]}

    @property
    def is_loadable(self) -> bool:
        return not self.obstacle

    @property
    def known_scale(self) -> "DistanceScale | None":
        """What its distances mean, if that was measured already."""
        return getattr(self, "scale", None)

    def activate(self) -> bool:
        """Let this encoder's vectors answer from now on: one atomic switch.

        False where somebody removes it; the one that answered does so still.
        """
        with transaction.atomic():
            # All of them, or one of two switches at a time would not see what the other did.
            known = list(Encoder.objects.select_for_update(no_key=True).order_by("pk"))
            if self not in [encoder for encoder in known if not encoder.is_being_removed]:
                return False
            Encoder.objects.filter(is_active=True).update(is_active=False)
            self.is_active = True
            self.save(update_fields=["is_active"])
        return True

    def lost_of(self, other: "Encoder") -> int:
        """How many images the other one finds that this one failed at."""
        found = other.embeddings.filter(image=OuterRef("image"), vector__isnull=False)
        return self.embeddings.failed().filter(Exists(found), vector=None).count()

    def is_complete(self) -> bool:
        """Whether every image has its vector, or it was tried and can't be made."""
        of_image = self.embeddings.filter(image=OuterRef("pk"))
        # One that is made anew still answers with its old vector.
        done = of_image.filter(Q(vector__isnull=False) | Q(state=State.FAILED))
        return not Image.objects.exclude(Exists(done)).exists()

"""Which results people call right or wrong."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models import Image
from gallery.models.images import Person


class RelevanceMarkQuerySet(models.QuerySet["RelevanceMark"]):
    def made_by(self, user: Person) -> Self:
        return self.filter(person=user) if user.is_authenticated else self.none()

    def among(self, images: models.QuerySet[Image]) -> Self:
        return self.filter(image__in=images.order_by(), result__in=images.order_by())

    def known_to(self, user: Person) -> Self:
        """Of images both of which `user` may see: their own marks, for staff everybody's."""
        marks = self if user.is_staff else self.made_by(user)
        return marks.among(Image.objects.visible_to(user))


class RelevanceMark(models.Model):
    """One person's word on whether an image is what one wants to find by another."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("marked by")
    )
    # What was asked with.
    image = models.ForeignKey(Image, models.CASCADE, related_name="+", verbose_name=_("image"))
    result = models.ForeignKey(Image, models.CASCADE, related_name="+", verbose_name=_("result"))
    is_relevant = models.BooleanField(_("right"))
    marked_at = models.DateTimeField(_("marked at"), default=timezone.now)

    objects = RelevanceMarkQuerySet.as_manager()

    class Meta:
        verbose_name = _("relevance mark")
        verbose_name_plural = _("relevance marks")
        constraints = [
            # Also serves the marks of one person on the results of one image.
            models.UniqueConstraint(
                fields=["person", "image", "result"], name="marked_once_a_person"
            ),
            models.CheckConstraint(condition=~Q(image=F("result")), name="no_result_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.result_id} for {self.image_id}: {'right' if self.is_relevant else 'wrong'}"

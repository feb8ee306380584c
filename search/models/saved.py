"""Searches that are kept under a name, and what their owners have seen of the answers."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from gallery.models import Image
from gallery.models.images import Person
from search.models.encoders import Encoder


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def owned_by(self, user: Person) -> Self:
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def keeping(self, file_name: str) -> Self:
        """Those that ask with this picture, which stays as long as there is one."""
        return self.filter(file_name=file_name)

    def to_ask(self) -> Self:
        """With all that asking again needs, and the `moment` by the database's own clock."""
        return self.select_related("owner", "image__rendering").annotate(moment=Now())

    def longest_unchecked(self) -> Self:
        return self.order_by(F("checked_at").asc(nulls_first=True), "pk")

    def new_images(self) -> "models.QuerySet[Any, Any]":
        """Primary keys of what was found new in any of them, whether it may be seen or not."""
        unnested = Func("news", function="unnest", output_field=models.BigIntegerField())
        return self.annotate(new_image=unnested).values("new_image")


class SavedSearch(models.Model):
    """A question, not a vector: whichever encoder is active answers it."""

    # What SavedSearchQuerySet.to_ask() adds to its rows.
    moment: datetime

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_searches"
    )
    name = models.CharField(_("name"), max_length=100)

    # What is asked with beside the examples: as in Query, whose rows of this question are its
    # vectors. Of a stored image that was deleted the crop stays.
    question = models.UUIDField(null=True, editable=False)
    image = models.ForeignKey(
        Image, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    crop: "models.JSONField[Any, Any]" = models.JSONField(null=True, editable=False)
    # Examples and filters, as ExamplesForm takes them.
    asked: "models.JSONField[Any, Any]" = models.JSONField(default=dict, editable=False)
    # Whose distances its bounds are in, and what share of all pairs is farther apart than each:
    # another encoder knows them by that.
    encoder = models.ForeignKey(
        Encoder, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    bound_shares: "models.JSONField[Any, Any]" = models.JSONField(default=list, editable=False)

    created_at = models.DateTimeField(_("saved at"), auto_now_add=True)
    looked_at = models.DateTimeField(_("last looked at"), db_default=Now(), editable=False)
    # What was in reach at the last look: the images, the distance up to which these were all, for
    # which vector that is so, and when that was so.
    seen: "ArrayField[list[int], list[int]]" = ArrayField(
        models.BigIntegerField(), default=list, editable=False
    )
    reach = models.FloatField(default=0, editable=False)
    seen_with = models.CharField(max_length=64, blank=True, editable=False)
    seen_at = models.DateTimeField(db_default=Now(), editable=False)
    # Images found since then, those that were shown as new then, and when it was looked for them.
    news: "ArrayField[list[int], list[int]]" = ArrayField(
        models.BigIntegerField(), default=list, editable=False
    )
    shown: "ArrayField[list[int], list[int]]" = ArrayField(
        models.BigIntegerField(), default=list, editable=False
    )
    checked_at = models.DateTimeField(null=True, editable=False)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "saved searches"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="saved_search_name_once_an_owner"
            )
        ]
        indexes = [
            # Serves QueryQuerySet.expired().
            models.Index(fields=["question"], name="saved_question"),
            # Serves SavedSearchQuerySet.keeping().
            models.Index(fields=["file_name"], name="saved_file_name"),
            # Serves SavedSearchQuerySet.longest_unchecked().
            models.Index(F("checked_at").asc(nulls_first=True), "id", name="saved_unchecked"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("search:saved", args=[self.pk])

    @property
    def examples(self) -> list[int]:
        """Primary keys of the images it is like and, after them, of those it is unlike."""
        return [*self.listed("positive"), *self.listed("negative")]

    def listed(self, name: str) -> list[int]:
        return [int(pk) for pk in self.asked.get(name, "").split(",") if pk]

"""Trainings on the gallery's own labels: what was asked for, how far it is, what came out."""

from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from gallery.models import Image, State, WorkItem, WorkQuerySet
from gallery.models.images import Person
from search.models.encoders import Encoder

# The part of images of labels that nothing was learned of; the others are a search.splitting.Part.
UNSEEN = "unseen"


class Status(models.TextChoices):
    """What a person is told; the states of work, told apart further."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


def may_train(user: Person) -> bool:
    """Whether `user` may have networks trained, and see what became of them."""
    return user.is_staff and user.has_perm("search.add_training")


class TrainingQuerySet(WorkQuerySet["Training"]):
    def visible_to(self, user: Person) -> Self:
        """One's own; all of them where that is permitted."""
        if isinstance(user, AnonymousUser) or not may_train(user):
            return self.none()
        return self if user.has_perm("search.view_training") else self.filter(started_by=user)

    def running(self) -> Self:
        """Those that a process is at work on, as far as its last word tells."""
        return self.pending().filter(leased_until__gte=Now())

    def unfinished(self) -> Self:
        return self.pending()


class Training(WorkItem):
    """A network learning from labelled images; `encoder` is what becomes of it."""

    name = models.CharField(_("name"), max_length=100)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Whether only what `started_by` may see is learned from; false for the command line's own.
    is_personal = models.BooleanField(default=True, editable=False)
    # A search.labels.LabelSource.
    source = models.CharField(_("labels"), max_length=10)
    at_least = models.PositiveIntegerField(_("images a label must have"))
    # See search.encoders.learning.recipes.Recipe.
    recipe: "models.JSONField[Any, Any]" = models.JSONField()
    base = models.ForeignKey(Encoder, models.SET_NULL, null=True, related_name="+")
    # The names of the labels, in the order of their numbers.
    classes: "models.JSONField[Any, Any]" = models.JSONField()
    # A Moment as JSON, and the epochs so far, from search.encoders.learning.progress.
    moment: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    epochs: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    # Pairs of an image's number and the reason why it could not be read.
    unreadable: "models.JSONField[Any, Any]" = models.JSONField(default=list)
    # See search.training.reporting.
    report: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    encoder = models.OneToOneField(Encoder, models.SET_NULL, null=True, related_name="training")
    is_cancelled = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("started at"), auto_now_add=True)
    begun_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(state="pending"), name="training_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> Status:
        if self.state != State.PENDING:
            return Status.CANCELLED if self.is_cancelled else Status(self.state)
        return Status.RUNNING if self.leased_until else Status.WAITING

    @property
    def steps_in_all(self) -> int:
        return int(self.moment["epochs"] * self.moment["steps"])

    @property
    def steps_done(self) -> int:
        return int((self.moment["epoch"] - 1) * self.moment["steps"] + self.moment["step"])

    @property
    def time_left(self) -> str:
        return minutes(self.moment["seconds_left"])

    @property
    def training_time(self) -> str:
        return minutes(self.report["seconds"])

    @property
    def test_figure(self) -> float | None:
        """The mAP of what was trained among its test images."""
        tested = self.report and self.report["encoders"][0]["among_test"]
        return tested["figures"]["map"]["value"] if tested else None


def minutes(seconds: float) -> str:
    """12:05, or 1:12:05."""
    whole = timedelta(seconds=round(seconds))
    text = str(whole)
    return text.removeprefix("0:") if seconds < 3600 else text


class TrainingImage(models.Model):
    """An image that a training learned from, or was judged by: that never changes afterwards."""

    training = models.ForeignKey(Training, models.CASCADE, related_name="images")
    image = models.ForeignKey(Image, models.CASCADE, related_name="+")
    # Its place in `Training.classes`.
    label = models.PositiveIntegerField()
    # A search.splitting.Part, or UNSEEN.
    part = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["training", "image"], name="in_one_part"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.part} of {self.training_id}"

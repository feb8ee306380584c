"""The state of an image's renditions."""

from typing import Self

from django.db import models
from django.db.models import Q

from gallery.models.images import Image
from gallery.models.work import State, WorkItem, WorkQuerySet


class RenderingQuerySet(WorkQuerySet["Rendering"]):
    """The renditions that wait for a worker."""

    def outdated(self) -> Self:
        """Those made before there were so many sizes, and a colour."""
        return self.filter(state=State.READY, color="")


class Rendering(WorkItem):
    """The work of making an image's smaller copies."""

    image = models.OneToOneField(Image, models.CASCADE, related_name="rendering")
    # What the picture is like from afar, as "#rrggbb": its place is filled with it until it comes.
    # Empty where only some of the sizes are there, see outdated().
    color = models.CharField(max_length=7, blank=True, editable=False)

    objects = RenderingQuerySet.as_manager()

    class Meta:
        indexes = [
            # Serves WorkQuerySet.claim(): the few that wait among the many that are done.
            models.Index(
                fields=["-wanted", "id"], condition=Q(state="pending"), name="rendering_pending"
            ),
            # Serves the system page: how many wait and failed, since when, and how many a minute.
            models.Index(fields=["state", "changed_at"], name="rendering_state"),
            # Serves outdated(): none, once they are made.
            models.Index(
                fields=["id"], condition=Q(state="ready", color=""), name="rendering_outdated"
            ),
        ]

    def __str__(self) -> str:
        return f"renditions of {self.image_id}: {self.state}"

    @property
    def is_ready(self) -> bool:
        return self.state == State.READY

"""The state of an image's renditions."""

from django.db import models
from django.db.models import Q

from gallery.models.images import Image
from gallery.models.work import State, WorkItem, WorkQuerySet


class RenderingQuerySet(WorkQuerySet["Rendering"]):
    """The renditions that wait for a worker."""


class Rendering(WorkItem):
    """The work of making an image's thumbnail and preview."""

    image = models.OneToOneField(Image, models.CASCADE, related_name="rendering")

    objects = RenderingQuerySet.as_manager()

    class Meta:
        indexes = [
            # Serves WorkQuerySet.claim(): the few that wait among the many that are done.
            models.Index(
                fields=["-wanted", "id"], condition=Q(state="pending"), name="rendering_pending"
            ),
            # Serves the system page: how many wait and failed, since when, and how many a minute.
            models.Index(fields=["state", "changed_at"], name="rendering_state"),
        ]

    def __str__(self) -> str:
        return f"renditions of {self.image_id}: {self.state}"

    @property
    def is_ready(self) -> bool:
        return self.state == State.READY

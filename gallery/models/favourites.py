"""What people like best of what they may see."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Favourite(models.Model):
    """A person's mark on an image, their own or another's. Nobody else sees it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    image = models.ForeignKey("Image", models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            # Also serves favourites_of().
            models.UniqueConstraint(fields=["user", "image"], name="favourite_once_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.image_id} of {self.user_id}"

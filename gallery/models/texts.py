"""The words of images, as the database keeps them for searching."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from gallery.models.images import Image


class ImageText(models.Model):
    """What can be searched of an image: title and tags first, then description and file name.

    Triggers write it (see migration 0009), so that it is right whoever changes an image or a tag,
    and the constraint in the database deletes it with its image.
    """

    image = models.OneToOneField(
        Image,
        models.DO_NOTHING,
        related_name="text",
        primary_key=True,
        db_constraint=False,
        editable=False,
    )
    words = SearchVectorField(editable=False)

    class Meta:
        indexes = [
            # Serves ImageQuerySet.saying().
            GinIndex(fields=["words"], name="image_words")
        ]

    def __str__(self) -> str:
        return f"words of {self.image_id}"

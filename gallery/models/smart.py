"""Albums that hold no images, but say which ones they show."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models.images import Person, Visibility, open_to


class SmartAlbumQuerySet(models.QuerySet["SmartAlbum"]):
    def visible_to(self, user: Person) -> Self:
        if not user.is_authenticated:
            return self.filter(open_to(user))
        shared = SmartAlbum.shared_with.through.objects.filter(smartalbum=OuterRef("pk"), user=user)
        return self.filter(open_to(user) | Exists(shared))


class SmartAlbum(models.Model):
    """A filter of the grid under a title.

    Whoever looks at it sees what the filter finds for them, of what its owner may see: sharing it
    shares no image.
    """

    is_smart = True
    # What smart_cards() says for one person.
    count = 0
    cover: int | None = None

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="smart_albums")
    title = models.CharField(_("title"), max_length=200)
    visibility = models.CharField(
        _("visible to"), max_length=8, choices=Visibility, default=Visibility.PRIVATE
    )
    shared_with = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="smart_albums_shared_with_me", blank=True
    )
    # As the address of the grid has them, by their names.
    filters: "models.JSONField[Any, Any]" = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SmartAlbumQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "title"], name="smart_album_title_once_an_owner"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('gallery:grid')}?smart={self.pk}"

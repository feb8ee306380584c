"""What cameras wrote into the files of images, and who is told where that was."""

from dataclasses import asdict
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from gallery.exif import MOST_IN_NAME, Recorded
from gallery.models.images import Image, Person

MAP = "https://www.openstreetmap.org/?mlat={0}&mlon={1}#map=15/{0}/{1}"
# Cameras show shorter times as fractions of a second.
SHORT = 0.3


def may_see_places(user: Person) -> bool:
    """Whether `user` is told where the images were taken that they may see."""
    return user.is_authenticated or settings.PLACES_FOR_VISITORS


class CameraFactsQuerySet(models.QuerySet["CameraFacts"]):
    def unread(self) -> Self:
        """Of images stored before these facts were kept."""
        return self.filter(is_read=False)

    def keep(self, image: Image, recorded: Recorded) -> None:
        """Make `recorded` all that is known of the image; nothing where the camera said nothing."""
        self.filter(image=image).delete()
        if recorded != Recorded():
            self.create(image=image, **asdict(recorded))


class CameraFacts(models.Model):
    """As gallery.exif.Recorded has them. An image whose file says nothing has no row."""

    image = models.OneToOneField(
        Image, models.CASCADE, related_name="camera_facts", primary_key=True
    )
    camera = models.CharField(_("camera"), max_length=MOST_IN_NAME, blank=True)
    lens = models.CharField(_("lens"), max_length=MOST_IN_NAME, blank=True)
    aperture = models.FloatField(null=True)
    exposure_time = models.FloatField(null=True)
    iso = models.PositiveIntegerField(null=True)
    focal_length = models.FloatField(null=True)
    focal_length_35mm = models.PositiveIntegerField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    is_read = models.BooleanField(default=True)

    objects = CameraFactsQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90), longitude__range=(-180, 180))
                | Q(latitude=None, longitude=None),
                name="place_is_on_earth",
            )
        ]
        indexes = [
            # Serves ImageQuerySet.taken_with().
            models.Index(Upper("camera"), "image", name="camera_name"),
            # Serves unread(): none, once they are read.
            models.Index(fields=["image"], condition=Q(is_read=False), name="camera_unread"),
        ]

    def __str__(self) -> str:
        return f"camera of {self.image_id}: {self.camera}"

    @property
    def says_how(self) -> bool:
        """Whether anything but the place is known."""
        return bool(self.camera or self.lens or self.exposure or self.focal_length_35mm)

    @property
    def has_place(self) -> bool:
        return self.latitude is not None

    @property
    def may_tell_a_place(self) -> bool:
        """Whether its file has coordinates, or has not been looked at yet."""
        return self.has_place or not self.is_read

    @property
    def exposure(self) -> str:
        """How the camera was set, as photographers write it: f/2.8 · 1/250 s · ISO 100 · 35 mm."""
        said = [
            f"f/{short(self.aperture)}" if self.aperture else "",
            f"{fraction(self.exposure_time)} s" if self.exposure_time else "",
            f"ISO {self.iso}" if self.iso else "",
            self.shown_focal_length(self.focal_length) if self.focal_length else "",
        ]
        return " · ".join(filter(None, said))

    def shown_focal_length(self, millimetres: float) -> str:
        shown = f"{short(millimetres)} mm"
        if not self.focal_length_35mm or self.focal_length_35mm == round(millimetres):
            return shown
        film = gettext("%(millimetres)s mm on film") % {"millimetres": self.focal_length_35mm}
        return f"{shown} ({film})"

    @property
    def place(self) -> str:
        """Its coordinates in degrees, to about a metre."""
        latitude, longitude = self.latitude or 0, self.longitude or 0
        north = gettext("%s° N") if latitude >= 0 else gettext("%s° S")
        east = gettext("%s° E") if longitude >= 0 else gettext("%s° W")
        shown = north % number_format(abs(latitude), 5), east % number_format(abs(longitude), 5)
        return ", ".join(shown)

    @property
    def map_address(self) -> str:
        return MAP.format(f"{self.latitude:.5f}", f"{self.longitude:.5f}")


def camera_facts_of(image: Image) -> CameraFacts | None:
    """None where nothing is known. Select or prefetch `camera_facts` before."""
    return getattr(image, "camera_facts", None)


def short(value: float) -> str:
    """With one decimal, if that says anything."""
    rounded = round(value, 1)
    return number_format(rounded, 0 if rounded == int(rounded) else 1)


def fraction(seconds: float) -> str:
    return f"1/{round(1 / seconds)}" if seconds < SHORT else short(seconds)

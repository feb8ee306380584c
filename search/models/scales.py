"""What a distance means: how far apart two images of this gallery usually are."""

from bisect import bisect_right

from django.contrib.postgres.fields import ArrayField
from django.db import models

from search.models.encoders import Encoder

# Images are near-identical within this part of the distance within which that share of random pairs
# lie. Of 750 photographs of Caltech-101 `compact` has all JPEG copies of quality 60 within it, and
# about nine in ten of half the size or cut by 3 %, and no two different photographs: the nearest of
# these, two sunflowers, are at 0.25. The very closest pairs may be copies themselves, and the
# middle ones mean little where all is near.
ALIKE, ALIKE_PAIRS = 0.22, 0.05


class DistanceScale(models.Model):
    """The distances of random pairs of images, by one encoder.

    0.4 is close for one network and far for another; "closer than 99.7 % of the pairs" is the same
    for all.
    """

    encoder = models.OneToOneField(Encoder, models.CASCADE, related_name="scale")
    # Evenly spaced in share, ascending, from the closest pair to the farthest.
    quantiles: "ArrayField[list[float], list[float]]" = ArrayField(models.FloatField())
    # Of how many images the pairs were made.
    images = models.PositiveIntegerField()
    measured_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.encoder_id}: {len(self.quantiles)} quantiles"

    def share_farther(self, distance: float) -> float:
        """The share (0..1) of pairs that are farther apart than `distance`."""
        return 1 - bisect_right(self.quantiles, distance) / len(self.quantiles)

    def distance_at(self, share: float) -> float:
        """The distance that this share (0..1) of pairs is farther apart than."""
        return self.quantiles[round((1 - share) * (len(self.quantiles) - 1))]

    @property
    def alike_within(self) -> float:
        """The distance within which two images are near-identical."""
        return ALIKE * self.distance_at(1 - ALIKE_PAIRS)

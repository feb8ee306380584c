"""How far a walk through an index goes: as far as filters make it, and as was measured for such."""

from django.db.models import Max, Min

from gallery.models import Image
from gallery.models.images import ImageQuerySet
from search.models import Encoder

# So many numbers of images are looked at to tell how many a filter leaves: of a tenth of all, the
# estimate is off by a quarter.
LOOKED_AT = 128
# Multiples of the golden section, each less its whole part, lie evenly however many there are, and
# have nothing in common with imports in which every tenth image is alike.
GOLDEN_SECTION = 0.6180339887498949
# What was measured for a filter serves for those that leave somewhat less.
TOLERANCE = 1.25


def effort_for(encoder: Encoder, share: float) -> int:
    """The least ef_search known to find enough where filters and rights leave `share` of all.

    What the sharpest measured filter needs, where nothing else is known.
    """
    measured = encoder.measurements.order_by("share").values_list("share", "ef_search")
    efforts = dict(measured)
    fitting = [known for known in efforts if known <= share * TOLERANCE]
    return efforts[max(fitting, default=min(efforts))] if efforts else encoder.ef_search


def estimate(images: ImageQuerySet) -> float:
    """About how many these are, by a sample of the numbers that images have.

    The same sample every time, so that all pages of an answer are found the same way.
    """
    ends = Image.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ends["first"] or 0, ends["last"] or 0
    numbers = sample(first, last)
    return images.filter(pk__in=numbers).count() * (last - first + 1) / len(numbers)


def sample(first: int, last: int) -> set[int]:
    """About LOOKED_AT numbers from `first` to `last`, always the same ones."""
    span = last - first + 1
    return {first + int(span * (GOLDEN_SECTION * number % 1)) for number in range(LOOKED_AT)}

"""How far a walk through an index goes: as far as filters make it, and as was measured for such."""

from django.db.models import Max, Min

from gallery.models import Image
from gallery.models.images import ImageQuerySet
from search.models import Encoder

# So many numbers of images are looked at to tell what share of all a filter leaves: of a tenth,
# the estimate is off by a fifth.
LOOKED_AT = 256
# Multiples of the golden section, each less its whole part, lie evenly however many there are, and
# have nothing in common with imports in which every tenth image is alike.
GOLDEN_SECTION = 0.6180339887498949
# What was measured for a filter serves for those that leave somewhat less.
TOLERANCE = 1.25


def effort_for(encoder: Encoder, images: ImageQuerySet) -> int:
    """The least ef_search known to find enough where filters and rights leave these images.

    What the sharpest measured filter needs, where nothing else is known.
    """
    measured = encoder.measurements.order_by("share").values_list("share", "ef_search")
    efforts = dict(measured)
    if len(set(efforts.values())) <= 1:
        return min(efforts.values(), default=encoder.ef_search)
    share = share_of(images) * TOLERANCE
    fitting = [known for known in efforts if known <= share]
    return efforts[max(fitting, default=min(efforts))]


def share_of(images: ImageQuerySet) -> float:
    """About what share (0..1) of all that are not in the trash `images` are, by a sample.

    The same sample every time, so that all pages of an answer are found by the same effort.
    """
    ends = Image.objects.aggregate(first=Min("pk"), last=Max("pk"))
    numbers = sample(ends["first"] or 0, ends["last"] or 0)
    among = Image.objects.kept().filter(pk__in=numbers).count()
    return images.filter(pk__in=numbers).count() / among if among else 1.0


def sample(first: int, last: int) -> set[int]:
    """About LOOKED_AT numbers from `first` to `last`, always the same ones."""
    span = last - first + 1
    return {first + int(span * (GOLDEN_SECTION * number % 1)) for number in range(LOOKED_AT)}

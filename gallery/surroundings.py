"""What stands before and behind an image in the list through which somebody came to it."""

from dataclasses import dataclass

from gallery.models import Image
from gallery.models.images import ImageQuerySet
from gallery.orders import Order


@dataclass(frozen=True)
class Surroundings:
    before: Image | None = None
    behind: Image | None = None


def surroundings_of(image: Image, images: ImageQuerySet, order: Order) -> Surroundings:
    """Those next to `image` among `images` in that order.

    It need not be one of them any more, unless the order is one by what the list says of each.
    """
    among = images if order.is_of_its_list else Image.objects.all()
    here = order.sort(among).filter(pk=image.pk).first()
    if here is None:
        return Surroundings()
    place = [getattr(here, name) for name in order.columns]
    shown = images.for_tiles()
    before = order.behind(order.sort(shown, backwards=True), place, backwards=True)
    return Surroundings(before.first(), order.behind(order.sort(shown), place).first())

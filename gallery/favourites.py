"""Noting what people like best, and telling it of the images in a list."""

from collections.abc import Iterable

from gallery.models import Favourite, Image, User
from gallery.models.images import Person


def set_favourite(user: User, image: Image, is_favourite: bool) -> None:
    """Note whether `image` is one of the person's favourites; safe to repeat."""
    if is_favourite:
        Favourite.objects.bulk_create([Favourite(user=user, image=image)], ignore_conflicts=True)
    else:
        Favourite.objects.filter(user=user, image=image).delete()
    image.is_favourite = is_favourite


def mark_favourites(user: Person, images: Iterable[Image]) -> None:
    """Tell each of `images` whether it is one of the person's favourites, in one query."""
    shown = {image.pk: image for image in images}
    if not shown or not user.is_authenticated:
        return
    liked = Favourite.objects.filter(user=user, image__in=shown).values_list("image", flat=True)
    for pk in liked:
        shown[pk].is_favourite = True

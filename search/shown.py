"""Pictures, or the parts of them that are meant, as pages show them in their own pixels."""

from django.urls import reverse
from django.utils.translation import gettext as _

from gallery.imagefile import inspect
from gallery.models import Image
from gallery.views.files import stored
from search.crops import Crop
from search.overlays import WHOLE, Shown


def image_as_shown(image: Image, crop: Crop = WHOLE) -> Shown:
    source = reverse("gallery:rendition", args=[image.pk, "preview"])
    return Shown(
        name=str(image),
        width=image.width,
        height=image.height,
        source=source if image.rendering.is_ready else "",
        address=image.get_absolute_url(),
        crop=crop,
    )


def sent_as_shown(file_name: str, source: str, crop: Crop = WHOLE) -> Shown:
    """What somebody sent to search with; its file says how large it is. 404 without one."""
    with stored(file_name) as file:
        facts = inspect(file)
    return Shown(_("Your picture"), facts.width, facts.height, source, "", crop)

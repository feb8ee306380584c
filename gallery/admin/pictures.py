"""Images as the admin's pages show them."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gallery.models import Image

# Pixels of the longer side, in the list and on the image's own page.
SHOWN = {"thumbnail": 72, "preview": 640}


def picture(image: Image, kind: str) -> SafeString | str:
    """The image as the admin shows it, or a dash until that rendition is made."""
    if not image.rendering.is_ready:
        return "—"
    scale = SHOWN[kind] / max(image.width, image.height)
    return format_html(
        '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">',
        reverse("admin:gallery_image_rendition", args=[image.pk, kind]),
        max(1, round(image.width * scale)),
        max(1, round(image.height * scale)),
        image,
    )

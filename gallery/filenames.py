"""What files are called where people get them."""

from gallery.imagefile import SUFFIXES
from gallery.models import Image


def download_name(image: Image) -> str:
    """The title as a file name on any system, with the suffix of what the file really is."""
    name = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in str(image))
    return f"{name.strip(' .')[:120] or image.pk}.{SUFFIXES[image.format]}"

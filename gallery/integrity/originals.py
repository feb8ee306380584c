"""Whether every image still has its file, and the very bytes that were uploaded."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gallery.chunks import chunks
from gallery.imagefile import sha256_of
from gallery.integrity.defects import Check, Defect, Kind, Progress
from gallery.models import Image

CHUNK = 500
# Hashing lets go of the interpreter's lock, so that threads share it among the cores.
THREADS = min(os.cpu_count() or 1, 8)

MISSING = Kind(
    "missing_original",
    ngettext_lazy(
        "The file of %(count)s image is missing.",
        "The files of %(count)s images are missing.",
        "count",
    ),
    _("Upload or import the same files again, or restore them from a backup."),
)
CHANGED = Kind(
    "changed_original",
    ngettext_lazy(
        "The file of %(count)s image has other bytes than were uploaded.",
        "The files of %(count)s images have other bytes than were uploaded.",
        "count",
    ),
    _("Restore them from a backup, and look after the disk: it may be failing."),
)
UNREADABLE = Kind(
    "unreadable_original",
    ngettext_lazy(
        "The file of %(count)s image can't be read.",
        "The files of %(count)s images can't be read.",
        "count",
    ),
    _("Look at the permissions of the files, and after the disk."),
)


def find_defects(progress: Progress) -> Iterator[Defect]:
    images = Image.objects.order_by("pk").only("title", "file", "sha256", "byte_size")
    with ThreadPoolExecutor(THREADS) as pool:
        for chunk in chunks(images.iterator(CHUNK), CHUNK):
            for image, kind in zip(chunk, pool.map(defect_of, chunk), strict=True):
                progress(1)
                if kind and is_still_there(image):
                    yield Defect(kind, f"{named(image)}: {image.stored_name}")


def defect_of(image: Image) -> Kind | None:
    """What is wrong with its file. Runs in a thread, so it asks the database nothing."""
    try:
        with default_storage.open(image.stored_name) as file:
            intact = file.size == image.byte_size and sha256_of(file) == image.sha256
    except FileNotFoundError:
        return MISSING
    except OSError:
        return UNREADABLE
    return None if intact else CHANGED


def is_still_there(image: Image) -> bool:
    """An image that was deleted while it was looked at lacks nothing."""
    return Image.objects.filter(pk=image.pk).exists()


def named(image: Image) -> str:
    return f"image {image.pk} ({image})"


ORIGINALS = Check("originals", Image.objects.count, find_defects)

"""Reading what cameras wrote, of images that were stored before that was kept."""

from django.core.files.storage import default_storage
from django.db import transaction

from gallery.exif import Recorded
from gallery.imagefile import RejectedFile, read_recorded
from gallery.models import CameraFacts, Image

# At a time: a new image does not wait for them all.
READ_AT_ONCE = 100


def read_some() -> bool:
    """Read the files of some of them. False when none is left."""
    waiting = CameraFacts.objects.unread().select_related("image").order_by("pk")
    unread = list(waiting[:READ_AT_ONCE])
    for facts in unread:
        read(facts.image)
    return bool(unread)


def read(image: Image) -> None:
    try:
        with default_storage.open(image.stored_name) as file:
            recorded = read_recorded(file)
    except (RejectedFile, FileNotFoundError):
        recorded = Recorded()
    with transaction.atomic():
        # It may be deleted meanwhile, or have another file, which was read at the door.
        same = Image.objects.filter(pk=image.pk, file=image.stored_name)
        if same.select_for_update(no_key=True).exists():
            CameraFacts.objects.keep(image, recorded)

"""Making the renditions that wait for it: claim, decode, write, commit."""

from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from gallery.decoding import UndecodableImage, reason_for
from gallery.models import Rendering, StrayFile
from gallery.renditions import make_renditions

GAVE_UP = "The image can't be shown: making its preview ended the program three times."


def render_next() -> bool:
    """Make the renditions of the next image that waits; False when none does."""
    lease = timedelta(seconds=settings.RENDER_LEASE_SECONDS)
    claimed = Rendering.objects.select_related("image").claim(1, lease)
    for rendering in claimed:
        render(rendering)
    return bool(claimed)


def render(rendering: Rendering) -> None:
    try:
        with rendering.image.file.open() as file:
            renditions = make_renditions(file)
    except (UndecodableImage, FileNotFoundError) as error:
        Rendering.objects.filter(pk=rendering.pk).fail(reason_for(error))
        return
    keep(rendering, renditions)


def keep(rendering: Rendering, renditions: dict[str, bytes]) -> None:
    """Write the files, then say they are there; an image deleted meanwhile leaves none behind."""
    files = {rendering.image.rendition_name(kind): data for kind, data in renditions.items()}
    StrayFile.objects.announce(files)
    for name, data in files.items():
        default_storage.save(name, ContentFile(data))
    with transaction.atomic():
        if Rendering.objects.filter(pk=rendering.pk).succeed():
            StrayFile.objects.adopt(files)
        else:
            StrayFile.objects.doom(files)


def sweep() -> bool:
    """Give up what was tried too often; whether anything waits."""
    Rendering.objects.exhausted().fail(GAVE_UP)
    return Rendering.objects.claimable().exists()

"""Making the renditions that wait for it: claim, decode, write, commit."""

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext_noop

from gallery.decoding import UndecodableImage, reason_for
from gallery.models import CameraFacts, Rendering, StrayFile
from gallery.renditions import KINDS, Renditions, make_renditions

GAVE_UP = gettext_noop(
    "The image can't be shown: making its preview ended the program three times."
)
# At a time: a new image does not wait for them all.
RENEWED = 10


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


def renew_some() -> bool:
    """Bring some of the renditions up to date that were made before there were so many sizes.

    From the preview: that is quick, and what it shows is right. False when none is left.
    """
    outdated = list(Rendering.objects.outdated().select_related("image").order_by("pk")[:RENEWED])
    for rendering in outdated:
        renew(rendering)
    return bool(outdated)


def renew(rendering: Rendering) -> None:
    try:
        with default_storage.open(rendering.image.rendition_name("preview")) as preview:
            made = make_renditions(preview)
    except (UndecodableImage, FileNotFoundError):
        # Then from the original, as when it was new.
        Rendering.objects.filter(pk=rendering.pk).retry()
        return
    there = [kind for kind in KINDS if default_storage.exists(rendering.image.rendition_name(kind))]
    missing = {kind: data for kind, data in made.files.items() if kind not in there}
    keep(rendering, replace(made, files=missing))


def keep(rendering: Rendering, renditions: Renditions) -> None:
    """Write the files, then say they are there; an image deleted meanwhile leaves none behind."""
    files = {rendering.image.rendition_name(kind): data for kind, data in renditions.files.items()}
    StrayFile.objects.announce(files)
    for name, data in files.items():
        default_storage.save(name, ContentFile(data))
    with transaction.atomic():
        if Rendering.objects.filter(pk=rendering.pk).succeed(color=renditions.color):
            StrayFile.objects.adopt(files)
        else:
            StrayFile.objects.doom(files)


def sweep() -> bool:
    """Give up what was tried too often; whether anything waits."""
    Rendering.objects.exhausted().fail(GAVE_UP)
    waiting = (
        Rendering.objects.claimable(),
        Rendering.objects.outdated(),
        CameraFacts.objects.unread(),
    )
    return any(work.exists() for work in waiting)

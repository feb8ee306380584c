"""Whether every image has the renditions that its row says are there."""

from collections.abc import Iterator, Sequence

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gallery.bell import ring_on_commit
from gallery.integrity.defects import Check, Defect, Kind, Progress
from gallery.integrity.originals import is_still_there, named
from gallery.models import Image, Rendering, State
from gallery.renditions import KINDS
from gallery.tasks import render_pending

CHUNK = 2000


def make_again(keys: Sequence[int]) -> None:
    """Let a worker make the renditions of these images."""
    Rendering.objects.bulk_create([Rendering(image_id=pk) for pk in keys], ignore_conflicts=True)
    Rendering.objects.filter(image__in=keys, state=State.READY).retry()
    ring_on_commit(render_pending)


MISSING = Kind(
    "missing_rendition",
    ngettext_lazy(
        "The thumbnail or preview of %(count)s image is missing.",
        "Thumbnails or previews of %(count)s images are missing.",
        "count",
    ),
    _("--repair has them made again."),
    make_again,
)


def find_defects(progress: Progress) -> Iterator[Defect]:
    images = Image.objects.order_by("pk").select_related("rendering")
    facts = images.only("title", "file", "rendering__state", "rendering__image")
    for image in facts.iterator(CHUNK):
        progress(1)
        if lacks_renditions(image) and is_still_there(image):
            yield Defect(MISSING, named(image), image.pk)


def lacks_renditions(image: Image) -> bool:
    """Those that wait, or failed with a reason, say so themselves."""
    rendering: Rendering | None = getattr(image, "rendering", None)
    if rendering is None:
        return True
    names = map(image.rendition_name, KINDS)
    return rendering.is_ready and not all(map(default_storage.exists, names))


RENDITIONS = Check("renditions", Image.objects.count, find_defects)

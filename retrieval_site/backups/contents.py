"""Which files belong to a gallery, by its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Sum

from gallery.models import Image, Rendering, State
from gallery.renditions import KINDS
from search.models import Query, SavedSearch

CHUNK = 2000
MEDIA, ENCODERS = "media", "encoders"


@dataclass(frozen=True)
class Content:
    """A file of the gallery, the name it has in a backup, and the digest its row knows it by."""

    path: Path
    name: str
    sha256: str = ""


def originals() -> Iterator[Content]:
    rows = Image.objects.order_by("pk").values_list("file", "sha256")
    for name, sha256 in rows.iterator(CHUNK):
        yield stored(name, sha256)


def pictures() -> Iterator[Content]:
    """What was searched with."""
    kept = Query.objects.exclude(file_name="").order_by().values_list("file_name", flat=True)
    saved = SavedSearch.objects.exclude(file_name="").order_by().values_list("file_name", flat=True)
    for name in kept.union(saved).iterator(CHUNK):
        yield stored(name)


def renditions() -> Iterator[Content]:
    ready = Rendering.objects.filter(state=State.READY).order_by("pk").select_related("image")
    for rendering in ready.only("image__file").iterator(CHUNK):
        for kind in KINDS:
            yield stored(rendering.image.rendition_name(kind))


def stored(name: str, sha256: str = "") -> Content:
    return Content(Path(default_storage.path(name)), f"{MEDIA}/{name}", sha256)


def encoders() -> Iterator[Content]:
    """Those that were added: their weights and manifests."""
    folder = Path(settings.ENCODERS_DIR)
    for path in sorted(folder.glob("*/*")):
        if path.is_file():
            yield Content(path, f"{ENCODERS}/{path.relative_to(folder).as_posix()}")


def everything(*, with_renditions: bool) -> Iterator[Content]:
    yield from originals()
    yield from pictures()
    yield from encoders()
    if with_renditions:
        yield from renditions()


def count_bytes() -> int:
    """About how much there is to copy."""
    return int(Image.objects.aggregate(total=Sum("byte_size"))["total"] or 0)


def migrations() -> list[str]:
    """What was done to the database so far, as app.name."""
    return sorted(
        f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
    )

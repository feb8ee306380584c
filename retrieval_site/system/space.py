"""What the gallery takes of the disk and of the database."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Sum

from gallery.models import Image
from gallery.renditions import KINDS
from search.ann_index import IndexState, index_name, states
from search.coverage import coverages
from search.models import Encoder
from search.models.encoders import Coverage

# Sizes move slowly, and to add up a million files takes most of a second.
KEPT_SECONDS = 300
# Of how many images the renditions' size is told.
SAMPLE = 40
HALF_BYTES = 2
SIZES = """
    SELECT pg_database_size(current_database()), pg_table_size('search_embedding'),
           pg_indexes_size('search_embedding')
"""
INDEX_SIZES = """
    SELECT relname, pg_relation_size(oid) FROM pg_class
    WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True)
class Disk:
    """The disk that the images are on, in bytes."""

    free: int
    total: int
    originals: int
    # As many as the sample would have it; None before there are any.
    renditions: int | None

    @property
    def used_share(self) -> float:
        return 1 - self.free / self.total if self.total else 1.0


@dataclass(frozen=True)
class DatabaseSize:
    """In bytes."""

    whole: int
    embeddings: int
    indexes: int


@dataclass(frozen=True)
class EncoderSpace:
    """An encoder's share of it, and how far it is filled."""

    encoder: Encoder
    coverage: Coverage
    index: IndexState
    index_bytes: int

    @property
    def vector_bytes(self) -> int:
        return self.coverage.ready * self.encoder.dimensions * HALF_BYTES


def disk() -> Disk:
    folder = Path(settings.MEDIA_ROOT)
    # A disk that can't be read is told of by the storage's own finding.
    free = total = 0
    with suppress(OSError):
        usage = shutil.disk_usage(folder if folder.exists() else folder.parent)
        free, total = usage.free, usage.total
    originals, renditions = cache.get_or_set("system.files", sizes_of_files, KEPT_SECONDS) or (0, 0)
    return Disk(free, total, originals, renditions)


def sizes_of_files() -> tuple[int, int | None]:
    """Bytes of all originals, and about as many of their renditions."""
    originals = Image.objects.aggregate(bytes=Sum("byte_size"))["bytes"] or 0
    sample = Image.objects.filter(rendering__state="ready").order_by("-pk")[:SAMPLE]
    sizes = [rendition_bytes(image) for image in sample]
    if not sizes:
        return originals, None
    return originals, round(sum(sizes) / len(sizes) * Image.objects.count())


def rendition_bytes(image: Image) -> int:
    total = 0
    for kind in KINDS:
        with suppress(OSError):
            total += default_storage.size(image.rendition_name(kind))
    return total


def database_size() -> DatabaseSize:
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        return DatabaseSize(*cursor.fetchone())


def encoder_spaces() -> list[EncoderSpace]:
    encoders = list(Encoder.objects.order_by("-is_active", "-pk"))
    covered, indexes, sizes = coverages(encoders), states(encoders), index_sizes(encoders)
    return [
        EncoderSpace(
            encoder, covered[encoder.pk], indexes[encoder.pk], sizes.get(index_name(encoder), 0)
        )
        for encoder in encoders
    ]


def index_sizes(encoders: Iterable[Encoder]) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(INDEX_SIZES, [[index_name(encoder) for encoder in encoders]])
        return dict(cursor.fetchall())

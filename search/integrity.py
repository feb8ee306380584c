"""Whether every image has its vectors, each of its very bytes, and nothing is left over."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from time import time

from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F, FloatField, Func, IntegerField, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gallery.bell import ring_on_commit
from gallery.chunks import chunks
from gallery.integrity import Check, Defect, Kind, strays
from gallery.integrity.defects import Progress
from gallery.integrity.originals import named
from gallery.models import Image
from gallery.models.stray import GRACE
from search.ann_index import index_name
from search.indexing import images_without_embedding, request_embeddings
from search.models import Embedding, Encoder, Query, SavedSearch
from search.models.embeddings import EmbeddingQuerySet
from search.requesting import rework
from search.tasks import embed_pending

CHUNK = 2000
# A new image's work is noted right after it is stored, or by the next sweep.
SOON = timedelta(minutes=10)
# How far from 1 rounding to half precision may leave a vector's length.
ROUNDING = 0.02
INDEXES = """
    SELECT class.relname FROM pg_index index JOIN pg_class class ON class.oid = index.indexrelid
    WHERE index.indrelid = to_regclass('search_embedding')
      AND class.relname ~ '^embedding_ann_[0-9]+$'
"""


def request(images: Sequence[int]) -> None:
    request_embeddings(Image.objects.filter(pk__in=images))
    ring_on_commit(embed_pending)


def make_again(embeddings: Sequence[int]) -> None:
    rework(Embedding.objects.filter(pk__in=embeddings))


def replace(embeddings: Sequence[int]) -> None:
    """As `make_again`, but what is there can't answer until then."""
    Embedding.objects.filter(pk__in=embeddings).retry(vector=None, source_sha256="")
    ring_on_commit(embed_pending)


def cancel(embeddings: Sequence[int]) -> None:
    Embedding.objects.filter(pk__in=embeddings, vector=None).delete()


def drop_indexes(names: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {connection.ops.quote_name(name)}")


MISSING = Kind(
    "missing_vector",
    ngettext_lazy(
        "%(count)s vector is neither there nor waited for.",
        "%(count)s vectors are neither there nor waited for.",
        "count",
    ),
    _("--repair has them made."),
    request,
)
STALE = Kind(
    "stale_vector",
    ngettext_lazy(
        "%(count)s vector was made from other bytes than the image has.",
        "%(count)s vectors were made from other bytes than their images have.",
        "count",
    ),
    _("--repair has them made again; until then they answer."),
    make_again,
)
DAMAGED = Kind(
    "damaged_vector",
    ngettext_lazy(
        "%(count)s vector is not what its encoder makes: too long, too short or too wide.",
        "%(count)s vectors are not what their encoder makes: too long, too short or too wide.",
        "count",
    ),
    _("--repair has them made again."),
    replace,
)
ORPHANED = Kind(
    "orphaned_vectors",
    ngettext_lazy(
        "The vectors of %(count)s encoder can't be made any more.",
        "The vectors of %(count)s encoders can't be made any more.",
        "count",
    ),
    _("Restore its files, or `encoders remove` it together with its vectors."),
)
HOPELESS = Kind(
    "hopeless_vector",
    ngettext_lazy(
        "%(count)s vector is waited for that can't be made any more.",
        "%(count)s vectors are waited for that can't be made any more.",
        "count",
    ),
    _("--repair has nobody wait for them; they are noted anew if their encoder comes back."),
    cancel,
)
HALF_REMOVED = Kind(
    "half_removed_encoder",
    ngettext_lazy(
        "The removal of %(count)s encoder did not end.",
        "The removal of %(count)s encoders did not end.",
        "count",
    ),
    _("Run `encoders remove` again: it goes on."),
)
LEFT_INDEX = Kind(
    "orphaned_index",
    ngettext_lazy(
        "%(count)s index is left of an encoder that was removed.",
        "%(count)s indexes are left of encoders that were removed.",
        "count",
    ),
    _("--repair drops them."),
    drop_indexes,
)
STRAY_PICTURE = Kind(
    "stray_picture",
    ngettext_lazy(
        "%(count)s picture is left of a search that is gone.",
        "%(count)s pictures are left of searches that are gone.",
        "count",
    ),
    _("--repair has them deleted."),
    strays.doom,
)
MISSING_PICTURE = Kind(
    "missing_picture",
    ngettext_lazy(
        "The picture that %(count)s saved search asks with is missing.",
        "The pictures that %(count)s saved searches ask with are missing.",
        "count",
    ),
    _("Restore them from a backup, or delete the searches: they can't be asked any more."),
)


def find_in_vectors(progress: Progress) -> Iterator[Defect]:
    for encoder in Encoder.objects.order_by("pk"):
        if encoder.is_being_removed:
            yield Defect(HALF_REMOVED, encoder.handle)
        elif obstacle := encoder.obstacle:
            yield from hopeless(encoder, obstacle)
        else:
            yield from mendable(encoder)
        progress(1)
    for name in left_indexes():
        yield Defect(LEFT_INDEX, name, name)


def hopeless(encoder: Encoder, obstacle: str) -> Iterator[Defect]:
    """Of an encoder that this installation can't compute."""
    vectors = Embedding.similar.of(encoder).count()
    yield Defect(ORPHANED, f"{encoder.handle}, {vectors} vectors: {obstacle}")
    waiting = Embedding.objects.of(encoder).pending().filter(vector=None)
    yield from each(waiting, HOPELESS)


def mendable(encoder: Encoder) -> Iterator[Defect]:
    old = images_without_embedding(encoder).filter(created_at__lt=Now() - SOON)
    for image in old.only("title").iterator(CHUNK):
        yield Defect(MISSING, f"{named(image)}, {encoder.name}", image.pk)
    settled = Embedding.objects.of(encoder).exclude(vector=None)
    yield from each(settled.outdated().exclude(state="pending"), STALE)
    yield from each(damaged(settled, encoder), DAMAGED)


def damaged(embeddings: EmbeddingQuerySet, encoder: Encoder) -> EmbeddingQuerySet:
    """Those of another width than the encoder's, or not of unit length."""
    width = Func(F("vector"), function="vector_dims", output_field=IntegerField())
    length = Func(F("vector"), function="l2_norm", output_field=FloatField())
    whole = Q(width=encoder.dimensions, length__range=(1 - ROUNDING, 1 + ROUNDING))
    return embeddings.alias(width=width, length=length).exclude(whole)


def each(embeddings: EmbeddingQuerySet, kind: Kind) -> Iterator[Defect]:
    rows = embeddings.select_related("image", "encoder").order_by("pk")
    for row in rows.only("image__title", "encoder__name").iterator(CHUNK):
        yield Defect(kind, f"{named(row.image)}, {row.encoder.name}", row.pk)


def left_indexes() -> list[str]:
    known = {index_name(encoder) for encoder in Encoder.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        return sorted(name for (name,) in cursor.fetchall() if name not in known)


def find_in_pictures(progress: Progress) -> Iterator[Defect]:
    """Of pictures that were searched with."""
    yield from stray_pictures(GRACE)
    saved = SavedSearch.objects.exclude(file_name="").select_related("owner")
    for search in saved.iterator(CHUNK):
        progress(1)
        if not default_storage.exists(search.file_name):
            yield Defect(MISSING_PICTURE, f"{search} of {search.owner}: {search.file_name}")


def stray_pictures(grace: timedelta) -> Iterator[Defect]:
    before = time() - grace.total_seconds()
    for names in chunks(strays.files_in("queries"), strays.CHUNK):
        yield from strays.strays_among(names, asked_with(names), STRAY_PICTURE, before)


def doom_pictures() -> None:
    """As `doom_unclaimed` does it with images' files."""
    strays.doom([picture.key for picture in stray_pictures(timedelta())])


def asked_with(names: Sequence[str]) -> set[str]:
    """Those of the pictures that a kept or a saved search asks with."""
    kept = Query.objects.filter(file_name__in=names).values_list("file_name", flat=True)
    saved = SavedSearch.objects.filter(file_name__in=names).values_list("file_name", flat=True)
    return {*kept, *saved}


VECTORS = Check("vectors", Encoder.objects.count, find_in_vectors)
PICTURES = Check("pictures", SavedSearch.objects.count, find_in_pictures)

"""The HNSW index of an encoder with many vectors: its name, its state, building and dropping it.

Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using Hierarchical
Navigable Small World graphs" (2016), as pgvector has it: https://github.com/pgvector/pgvector#hnsw
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import sqrt

from django.conf import settings
from django.db import connection

from gallery import locks
from search.models import Embedding, Encoder

# What pgvector can index of half-precision vectors.
MAX_DIMENSIONS = 4000
# One index is built at a time in a database, whoever builds it.
LOCK = 0x686E7377
# Bytes of a vector's neighbours while the graph is built: 48 at its ground level, with distances.
NEIGHBOUR_BYTES = 1200

# More than pgvector's own 16 and 64, whose graph misses one neighbour in a hundred behind a filter
# of 10 %, however far it is walked. It takes two and a half times as long to build, and a walk that
# finds 99 % is less than half as long.
CREATE = """
    CREATE INDEX CONCURRENTLY {name} ON search_embedding
    USING hnsw ((vector::halfvec({dimensions})) halfvec_l2_ops) WITH (m = 24, ef_construction = 128)
    WHERE encoder_id = {pk} AND vector IS NOT NULL
"""
STATES = """
    SELECT class.relname, index.indisvalid, class.reltuples, building.pid IS NOT NULL,
           coalesce(building.blocks_done / nullif(building.blocks_total, 0)::float, 0)
    FROM pg_index index
    JOIN pg_class class ON class.oid = index.indexrelid
    LEFT JOIN pg_stat_progress_create_index building ON building.index_relid = class.oid
    WHERE index.indrelid = to_regclass('search_embedding') AND class.relname = ANY(%s)
"""
BUILD_SETTINGS = """
    SELECT set_config('maintenance_work_mem', %s, false),
           set_config('max_parallel_maintenance_workers', %s, false),
           set_config('statement_timeout', '0', false)
"""
RESET = (
    "RESET maintenance_work_mem; RESET max_parallel_maintenance_workers; RESET statement_timeout"
)


@dataclass(frozen=True)
class IndexState:
    """Whether an encoder's index answers, of how many vectors, and how far its building is."""

    is_valid: bool = False
    vectors: int = 0
    # From 0 to 1 while it is built.
    progress: float | None = None

    @property
    def is_missing(self) -> bool:
        return not self.is_valid and self.progress is None

    def is_worth_walking(self, left: float, wanted: int) -> bool:
        """Whether the index finds the `wanted` nearest of `left` images sooner than comparing them.

        With m of n vectors left by filters and rights, k of them take k n / m steps through the
        graph, and comparing them m: the break-even is at the square root of k n, and at twice that
        as a step costs four times as much. An estimate decides only how long it takes: either way
        the page is full.
        """
        return self.is_valid and left > 2 * sqrt(wanted * self.vectors)


def index_name(encoder: Encoder) -> str:
    return f"embedding_ann_{encoder.pk}"


def states(encoders: Iterable[Encoder]) -> dict[int, IndexState]:
    """The state of each encoder's index by its primary key, in one query."""
    names = {index_name(encoder): encoder.pk for encoder in encoders}
    found = dict.fromkeys(names.values(), IndexState())
    with connection.cursor() as cursor:
        cursor.execute(STATES, [list(names)])
        for name, is_valid, tuples, is_building, share in cursor.fetchall():
            progress = share if is_building else None
            found[names[name]] = IndexState(is_valid, max(round(tuples), 0), progress)
    return found


def state(encoder: Encoder) -> IndexState:
    return states([encoder])[encoder.pk]


def encoders_to_index() -> list[Encoder]:
    """Those with more than ANN_THRESHOLD vectors whose index is neither there nor being built."""
    encoders = list(Encoder.objects.in_use().filter(dimensions__lte=MAX_DIMENSIONS))
    known = states(encoders)
    return [encoder for encoder in encoders if known[encoder.pk].is_missing and is_large(encoder)]


def is_large(encoder: Encoder) -> bool:
    threshold = settings.ANN_THRESHOLD
    return Embedding.similar.of(encoder)[threshold : threshold + 1].exists()


def build(encoder: Encoder) -> bool:
    """Build the index where it is missing; False while another one is being built.

    Never inside a transaction: searches and new vectors go on meanwhile. A killed build leaves an
    index that is not valid and serves nobody, which is replaced.
    """
    with locks.alone(LOCK) as alone:
        if alone and not state(encoder).is_valid:
            drop(encoder)
            with settings_to_build(encoder), connection.cursor() as cursor:
                cursor.execute(
                    CREATE.format(
                        name=index_name(encoder), dimensions=encoder.dimensions, pk=encoder.pk
                    )
                )
    return alone


def drop(encoder: Encoder) -> None:
    """Drop the index if there is one, valid or not. Never inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index_name(encoder)}")


@contextmanager
def settings_to_build(encoder: Encoder) -> Iterator[None]:
    """The memory that the graph needs, and half the cores beside the one that builds anyway.

    A graph that outgrows its memory is finished on disk, many times slower.
    """
    vectors = Embedding.similar.of(encoder).count()
    needed = vectors * (2 * encoder.dimensions + NEIGHBOUR_BYTES) // 2**20 + 64
    memory = f"{min(needed, settings.ANN_BUILD_MEMORY_MB)}MB"
    workers = str((os.cpu_count() or 1) // 2)
    with connection.cursor() as cursor:
        cursor.execute(BUILD_SETTINGS, [memory, workers])
        try:
            yield
        finally:
            cursor.execute(RESET)

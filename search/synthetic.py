"""A gallery of made-up images in a schema of its own, which is gone afterwards."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection

from gallery.models import Image, Rendering, State, Tag, User, Visibility
from search.models import Embedding, Encoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA = "lookalike_benchmark"
LOCK = 0x62656E63
CHUNK = 2000
# Images in a cluster, on average.
CLUSTER = 100
# Which share of the images has the tag of that name.
SHARES = {"tenth": 0.1, "hundredth": 0.01, "thousandth": 0.001}


class AlreadyRunning(Exception):
    """Another process has the schema."""


@contextmanager
def schema_of_its_own() -> Iterator[None]:
    """Inside, this connection sees empty tables made like the product's instead of them.

    They go whatever happens; what a killed process left goes when the next one begins.
    """
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    # Ends as Ctrl-C does, through all `finally`.
    earlier = signal.signal(signal.SIGTERM, signal.default_int_handler)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if cursor.fetchone() != (True,):
            raise AlreadyRunning
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
            for table in tables:
                like = f"(LIKE public.{table} INCLUDING ALL)"
                cursor.execute(f"CREATE TABLE {SCHEMA}.{table} {like}")
            cursor.execute(f"SET search_path TO {SCHEMA}, public")
        yield
    finally:
        # A new connection is in no broken transaction, and sees the tables that are meant.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        signal.signal(signal.SIGTERM, earlier)


def clustered_vectors(count: int, dimensions: int) -> Iterator[NDArray[np.float32]]:
    """Unit vectors around random centres, some clusters tight and some wide; always the same."""
    import numpy as np

    random = np.random.default_rng(20)
    clusters = max(count // CLUSTER, 1)
    centres = random.standard_normal((clusters, dimensions), np.float32)
    spreads = random.uniform(0.2, 1.0, (clusters, 1)).astype(np.float32)
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        of = random.integers(clusters, size=size)
        noise = random.standard_normal((size, dimensions), np.float32)
        vectors = centres[of] + spreads[of] * noise
        yield vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def fill(owner: User, encoder: Encoder, count: int) -> Iterator[int]:
    """Store `count` images with their vectors and tags; yields how many after each chunk."""
    tags = {Tag.objects.create(owner=owner, name=name).pk: share for name, share in SHARES.items()}
    numbers = iter(range(count))
    for vectors in clustered_vectors(count, encoder.dimensions):
        images = [imagined(owner, number) for number in islice(numbers, len(vectors))]
        Image.objects.bulk_create(images)
        Rendering.objects.bulk_create(Rendering(image=image, state=State.READY) for image in images)
        Embedding.objects.bulk_create(
            Embedding(image=image, encoder=encoder, state=State.READY, vector=vector)
            for image, vector in zip(images, vectors, strict=True)
        )
        label(images, tags)
        yield len(images)
    tables = ", ".join(model._meta.db_table for model in (Image, Rendering, Embedding, labels()))
    with connection.cursor() as cursor:
        # As autovacuum does by and by; from here on it has nothing to do beside what is measured.
        cursor.execute(f"VACUUM (ANALYZE) {tables}")


def imagined(owner: User, number: int) -> Image:
    name = f"{number:064x}"
    return Image(
        owner=owner,
        title=f"Image {number}",
        visibility=Visibility.PRIVATE,
        file=f"originals/{name}.jpg",
        file_name=f"{name}.jpg",
        sha256=name,
        byte_size=1,
        format="JPEG",
        width=640,
        height=480,
    )


def labels() -> Any:
    return Image.tags.through


def label(images: list[Image], tags: dict[int, float]) -> None:
    """Give each tag to every so manieth image; the vectors know nothing of that."""
    through = labels()
    through.objects.bulk_create(
        through(image_id=image.pk, tag_id=tag)
        for tag, share in tags.items()
        for image in images
        if image.pk % round(1 / share) == 0
    )

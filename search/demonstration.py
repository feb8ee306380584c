"""Vectors of a demonstration's copies: what their originals' are, moved a little."""

from __future__ import annotations

from time import sleep
from typing import TYPE_CHECKING, Any

from gallery.models import Image, State
from search.indexing import embed_batch, request_embeddings
from search.models import Embedding
from search.similarity import Vector

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Where a vector has its precision: nobody computed this one. It counts as outdated too, so that
# `embed_images --outdated` makes true ones of them all.
MADE_UP = "made up"
# How far a copy lies from its original, about: near enough to be like it, too far to be the same.
APART = 0.35


def embed_copies(copies: list[tuple[Image, Image]], **signal: Any) -> None:
    """Give each copy a vector near its original's, of every encoder that has one."""
    request_embeddings(original for _, original in copies)
    originals = {original.pk for _, original in copies}
    wait_for(originals)
    vectors: dict[int, list[Embedding]] = {}
    for one in Embedding.objects.filter(image__in=originals, vector__isnull=False):
        vectors.setdefault(one.image_id, []).append(one)
    Embedding.objects.bulk_create(
        Embedding(
            image=copied,
            encoder_id=one.encoder_id,
            state=State.READY,
            vector=moved(one.vector, copied.pk),
            precision=MADE_UP,
        )
        for copied, original in copies
        for one in vectors.get(original.pk, ())
        if one.vector
    )


def wait_for(images: set[int]) -> None:
    """Until each has its vectors or can't; what no worker has taken is made here."""
    waiting = Embedding.objects.filter(image__in=images).pending()
    while waiting.exists():
        if not embed_batch(waiting):
            sleep(0.5)


def moved(vector: Vector, seed: int) -> NDArray[np.float32]:
    """A unit vector about APART from that one, the same each time."""
    import numpy as np

    noise = np.random.default_rng(seed).standard_normal(len(vector), np.float32)
    found = np.asarray(vector, np.float32) + noise * (APART / np.sqrt(len(vector)))
    return np.asarray(found / np.linalg.norm(found), np.float32)

"""Vectors of images that leave the gallery as plain files, or come back so."""

from collections import defaultdict
from collections.abc import Sequence
from math import hypot
from typing import Any

from gallery.exporting import Line
from gallery.models import Image
from search.indexing import keep_vectors
from search.models import Embedding, Encoder

# How far from 1 rounding may leave a vector's length.
ROUNDING = 0.02


def vectors_of(images: Sequence[Image]) -> dict[int, Line]:
    """For each image its vectors, each with the encoder that made it."""
    found: dict[int, list[Line]] = defaultdict(list)
    rows = Embedding.objects.filter(image__in=images).exclude(vector=None)
    for row in rows.select_related("encoder").order_by("encoder"):
        found[row.image_id].append(
            {
                "encoder": row.encoder.name,
                "digest": row.encoder.digest,
                "precision": row.precision,
                "source_sha256": row.source_sha256,
                "vector": list(row.vector or []),
            }
        )
    return {pk: {"vectors": vectors} for pk, vectors in found.items()}


def take_vectors(image: Image, line: Line) -> None:
    """Keep those of its vectors that were made from these bytes by the very encoders there are."""
    for told in line.get("vectors", []):
        encoder = (
            Encoder.objects.in_use().filter(name=told["encoder"], digest=told["digest"]).first()
        )
        if encoder and told["source_sha256"] == image.sha256 and fits(told["vector"], encoder):
            embedding, _ = Embedding.objects.get_or_create(image=image, encoder=encoder)
            embedding.image = image
            keep_vectors([(embedding, told["vector"])], told["precision"])


def fits(vector: Any, encoder: Encoder) -> bool:
    try:
        length = hypot(*vector)
    except TypeError:
        return False
    return len(vector) == encoder.dimensions and abs(length - 1) < ROUNDING

"""How well an encoder tells the gallery's own labels apart, from the vectors that are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.evaluation import Evaluation, EvaluationError
from search.measuring import LabelledVectors, Measuring, NothingToFind, measure
from search.splitting import Part

if TYPE_CHECKING:
    from search.labels import LabelledImages
    from search.models import Encoder


def evaluate_gallery(
    encoder: Encoder,
    images: LabelledImages,
    part: Part | None = None,
    measuring: Measuring = Measuring(),
) -> Evaluation:
    """Rank each of `images` against all others, or those of `part` against what was learned from.

    Those to learn from are ranked against each other. Raises EvaluationError.
    """
    import numpy as np

    has, vectors = images.vectors(encoder)
    if not has.any():
        raise EvaluationError(
            f"None of the {len(images)} labelled images has a vector of {encoder} yet:"
            " `embed_images --missing` makes them."
        )
    asking, answering = LabelledVectors(vectors, images.classes, images.members[has]), None
    if part is not None:
        parts = np.array(images.parts(measuring.seed))[has]
        learned = asking.chosen(parts == Part.TRAIN)
        asking = asking.chosen(parts == part)
        answering = None if part is Part.TRAIN else learned
    try:
        quality = measure(asking, answering, measuring)
    except NothingToFind:
        raise EvaluationError(
            f"None of {len(asking)} images has another of its class to find: more images a label"
            " are needed."
        ) from None
    return Evaluation(
        encoder=encoder.name,
        images=len(asking),
        candidates=len(asking if answering is None else answering),
        classes=len(images.classes),
        quality=quality,
        without_vector=len(images) - int(has.sum()),
    )

"""How well an encoder tells the gallery's own labels apart, from the vectors that are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.evaluation import Evaluation, EvaluationError
from search.measuring import LabelledVectors, Measuring, NothingToFind, measure
from search.splitting import Part

if TYPE_CHECKING:
    from search.labels import LabelledImages
    from search.models import Encoder


@dataclass(frozen=True)
class Trial:
    """The images that ask and those that answer, each by its primary key and its vector.

    Without others to answer they ask each other. `without_vector` of the labelled images had none.
    """

    asking: LabelledVectors
    asking_keys: Sequence[int]
    answering: LabelledVectors | None
    answering_keys: Sequence[int]
    without_vector: int


def evaluate_gallery(
    encoder: Encoder,
    images: LabelledImages,
    part: Part | None = None,
    measuring: Measuring = Measuring(),
) -> Evaluation:
    """Rank each of `images` against all others, or those of `part` against what was learned from.

    Those to learn from are ranked against each other. Raises EvaluationError.
    """
    return evaluate_trial(encoder, trial_of(encoder, images, part, measuring.seed), measuring)


def trial_of(encoder: Encoder, images: LabelledImages, part: Part | None, seed: int) -> Trial:
    """Who asks whom. Raises EvaluationError where nobody has a vector."""
    import numpy as np

    has, vectors = images.vectors(encoder)
    if not has.any():
        raise EvaluationError(
            f"None of the {len(images)} labelled images has a vector of {encoder} yet:"
            " `embed_images --missing` makes them."
        )
    without_vector = len(images) - int(has.sum())
    known, keys = LabelledVectors(vectors, images.classes, images.members[has]), images.keys
    held = np.array(keys, np.int64)[has]
    if part is None:
        return Trial(known, held.tolist(), None, held.tolist(), without_vector)
    parts = np.array(images.parts(seed))[has]
    asks, learned = parts == part, parts == Part.TRAIN
    answering = None if part is Part.TRAIN else known.chosen(learned)
    asking_keys, answering_keys = held[asks].tolist(), held[learned].tolist()
    return Trial(known.chosen(asks), asking_keys, answering, answering_keys, without_vector)


def evaluate_trial(encoder: Encoder, trial: Trial, measuring: Measuring) -> Evaluation:
    try:
        quality = measure(trial.asking, trial.answering, measuring)
    except NothingToFind:
        raise EvaluationError(
            f"None of {len(trial.asking)} images has another of its class to find: more images a"
            " label are needed."
        ) from None
    return Evaluation(
        encoder=encoder.name,
        images=len(trial.asking),
        candidates=len(trial.answering_keys),
        classes=len(trial.asking.classes),
        quality=quality,
        without_vector=trial.without_vector,
    )

"""Starting a training: what is asked for, checked and noted. A worker does the rest."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from gallery.bell import ring_on_commit
from search import encoders
from search.encoders import manifests
from search.encoders.learning.recipes import Kind, Recipe
from search.labels import LabelSource, TooFewLabels, labelled_images
from search.models import Encoder, Training, TrainingImage
from search.models.trainings import UNSEEN
from search.splitting import SHARES, Part

if TYPE_CHECKING:
    from gallery.models import User
    from search.labels import LabelledImages

FEWEST_LABELS = 2
FEWEST_TESTED = 2
MEGABYTE = 2**20
# What checkpoints, the best weights and the encoder take, and a good deal more.
NEEDED = {Kind.CLASSIC: 1200 * MEGABYTE, Kind.FINE_TUNE: 400 * MEGABYTE}


class CannotTrain(Exception):
    """The training can't begin, or can't go on; the message says why."""


@dataclass(frozen=True)
class Lesson:
    """What is to be learned from, and what it is to be tested on.

    With `personal` only what `user` may see; `test` is the share of each label's images that the
    network is tested with, `left_out` the number of labels that it never sees.
    """

    source: LabelSource
    at_least: int = 5
    test: float = SHARES[Part.TEST]
    left_out: int = 0

    @property
    def shares(self) -> dict[Part, float]:
        return {**SHARES, Part.TEST: self.test}


def start(name: str, recipe: Recipe, lesson: Lesson, user: User | None) -> Training:
    """Note the training of an encoder of that name, on what `user` may see, or on all images.

    Raises CannotTrain.
    """
    refuse_name(name)
    refuse_disk(recipe.kind)
    base = base_of(recipe)
    try:
        images = labelled_images(lesson.source, user, lesson.at_least)
    except TooFewLabels as error:
        raise CannotTrain(str(error)) from error
    classes, rows = divided(images, lesson, recipe.seed)
    with transaction.atomic():
        training = Training.objects.create(
            name=name,
            started_by=user,
            is_personal=user is not None,
            source=lesson.source,
            at_least=lesson.at_least,
            recipe=recipe.as_json(),
            base=base,
            classes=classes,
        )
        for row in rows:
            row.training = training
        TrainingImage.objects.bulk_create(rows, batch_size=2000)
        ring_trainer()
    return training


def ring_trainer() -> None:
    from search.tasks import train_waiting

    ring_on_commit(train_waiting)


def refuse_name(name: str) -> None:
    if not re.fullmatch(manifests.NAME, name):
        text = gettext(
            "'%(name)s' is no name for an encoder: letters, digits, dots, dashes and underscores."
        )
        raise CannotTrain(text % {"name": name})
    if encoders.is_built_in(name) or Encoder.objects.filter(name=name).exists():
        text = gettext("There is an encoder '%(name)s' already: choose another name.")
        raise CannotTrain(text % {"name": name})
    if Training.objects.unfinished().filter(name=name).exists():
        raise CannotTrain(gettext("'%(name)s' is being trained already.") % {"name": name})


def refuse_disk(kind: Kind) -> None:
    """Before hours are spent: is there room for what will be written?"""
    folder = settings.TRAININGS_DIR
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < NEEDED[kind]:
        text = gettext(
            "Training needs %(needed)s MB for its checkpoints in %(folder)s,"
            " and %(free)s MB are free."
        )
        sizes = {"needed": NEEDED[kind] // MEGABYTE, "free": free // MEGABYTE}
        raise CannotTrain(text % {"folder": folder, **sizes})


def base_of(recipe: Recipe) -> Encoder | None:
    """The encoder that is fine-tuned; CannotTrain where it can't be had."""
    from search.catalogue import NoSuchEncoder, find

    if recipe.kind is Kind.CLASSIC:
        return None
    try:
        base = find(recipe.base)
    except NoSuchEncoder as error:
        raise CannotTrain(str(error)) from error
    if base.is_being_removed or base.obstacle:
        text = gettext("%(encoder)s can't be fine-tuned here: %(obstacle)s")
        why = base.obstacle or gettext("it is being removed")
        raise CannotTrain(text % {"encoder": base, "obstacle": why})
    return base


def divided(
    images: LabelledImages, lesson: Lesson, seed: int
) -> tuple[list[str], list[TrainingImage]]:
    """The classes and each image's part. One of several labels counts for its rarest."""
    order = sorted(images.classes, key=lambda name: sha256(f"{seed} {name}".encode()).digest())
    unseen = set(order[: lesson.left_out])
    seen = [name for name in images.classes if name not in unseen]
    if len(seen) < FEWEST_LABELS:
        text = gettext(
            "Of %(all)s labels %(left_out)s can't be left out:"
            " at least %(least)s are needed to learn from."
        )
        numbers = {"all": len(images.classes), "left_out": lesson.left_out, "least": FEWEST_LABELS}
        raise CannotTrain(text % numbers)
    classes = [*seen, *sorted(unseen)]
    places = {name: place for place, name in enumerate(classes)}
    parts = images.parts(seed, lesson.shares)
    rows = []
    for key, stratum, part in zip(images.keys, images.strata, parts, strict=True):
        name = images.classes[stratum]
        chosen = UNSEEN if name in unseen else str(part)
        rows.append(TrainingImage(image_id=key, label=places[name], part=chosen))
    tested = sum(row.part == Part.TEST for row in rows)
    if tested < FEWEST_TESTED:
        raise CannotTrain(
            f"Of {len(rows)} images {tested} would be left to test with: more are needed,"
            " at least three a label that are no copies of each other."
        )
    return classes, rows


def cancel(training: Training) -> bool:
    """End it: at once where nobody is at work on it, or else at its next step."""
    unfinished = Training.objects.unfinished().filter(pk=training.pk)
    if not unfinished.update(is_cancelled=True):
        return False
    unfinished.unleased().fail("")
    return True

"""A training on its way: claimed, resumed, watched, ended. One at a time."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from gallery.models import Image
from search.encoders import installing, manifests
from search.models import Training
from search.models.trainings import TrainingQuerySet
from search.splitting import Part
from search.training.starting import CannotTrain
from search.turns import awaited_turn

if TYPE_CHECKING:
    from search.encoders.learning.progress import Moment, Progress

logger = logging.getLogger(__name__)

# A step of the classic network takes a second or two, a first one half a minute.
LEASE = timedelta(minutes=3)
SECONDS_BETWEEN_WORDS = 2.0
# Anything: the number of the lock under which it is decided who trains.
LOCK = 5_031_901
GAVE_UP = gettext_noop(
    "Given up: training ended the program three times, with nothing learned in between."
)

Listener = Callable[["Moment"], None]


class Cancelled(Exception):
    """Somebody ended the training."""


def train_next(listener: Listener | None = None) -> bool:
    """Train what waits longest, to its end; False where nothing waits or another one runs."""
    training = claim(Training.objects.all())
    if training is None:
        return False
    train(training, listener)
    return True


def claim(trainings: TrainingQuerySet) -> Training | None:
    """One of them that is this process's now, while no other one runs: they share the machine."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if Training.objects.running().exists():
            return None
        claimed = trainings.claim(1, LEASE)
        return claimed[0] if claimed else None


def train(training: Training, listener: Listener | None = None) -> None:
    """Train what was claimed; whatever is wrong with it is told in its row."""
    from search.training.learning import learn

    row = Training.objects.filter(pk=training.pk).pending()
    row.filter(begun_at=None).update(begun_at=Now())
    try:
        outcome = learn(training, Ticker(training, listener))
    except (Cancelled, CannotTrain, OSError) as error:
        row.fail(reason_for(error), finished_at=Now())
        forget_network(training)
    else:
        row.succeed(finished_at=Now(), moment=None, **outcome)
    forget_files(training.pk)


def reason_for(error: Exception) -> str:
    """What the row says of it; that it was cancelled it says already."""
    if isinstance(error, OSError):
        return f"The training could not be written: {error}"
    return str(error)


@dataclass
class Ticker:
    """Tells the row how far the training is, now and then, and hears whether it is to go on."""

    training: Training
    listener: Listener | None = None
    told: float = field(default=0.0)

    def tick(self, moment: Moment) -> None:
        """Raises Cancelled where somebody ended the training, or deleted it."""
        if self.listener:
            self.listener(moment)
        if monotonic() - self.told < SECONDS_BETWEEN_WORDS:
            return
        self.told = monotonic()
        self.tell(moment=asdict(moment))

    def beat(self) -> None:
        """Still at work, on what has no figures."""
        if monotonic() - self.told > SECONDS_BETWEEN_WORDS:
            self.told = monotonic()
            self.tell()

    def keep(self, progress: Progress) -> None:
        """After a checkpoint: what is known now, and that this attempt came to something."""
        self.tell(epochs=[asdict(epoch) for epoch in progress.epochs], attempts=0)

    def tell(self, **facts: object) -> None:
        row = Training.objects.filter(pk=self.training.pk, is_cancelled=False).pending()
        if not row.update(leased_until=Now() + LEASE, **facts):
            raise Cancelled


def folder_of(pk: int) -> Path:
    """Where the checkpoints of a training lie."""
    return Path(settings.TRAININGS_DIR) / str(pk)


def forget_files(pk: int) -> None:
    """Its checkpoints have done their service."""
    with suppress(OSError):
        shutil.rmtree(folder_of(pk))


def forget_network(training: Training) -> None:
    """Remove what was installed, or half installed, and became no encoder."""
    with awaited_turn():
        if found := installing.installed_from(training.name, file_of(training)):
            manifests.forget(found.identity)
        manifests.prune(training.name)


def file_of(training: Training) -> str:
    """What the weights of what it trains are called, in the encoder's folder."""
    return f"training-{training.pk}.keras"


def sweep() -> bool:
    """Give up what always kills its worker, forget what nobody needs; whether anything waits."""
    Training.objects.exhausted().fail(GAVE_UP, finished_at=Now())
    Training.objects.unleased().filter(is_cancelled=True).pending().fail("", finished_at=Now())
    unfinished = {str(pk) for pk in Training.objects.unfinished().values_list("pk", flat=True)}
    root = Path(settings.TRAININGS_DIR)
    for folder in root.glob("[0-9]*"):
        if folder.name not in unfinished:
            shutil.rmtree(folder, ignore_errors=True)
    return Training.objects.claimable().exists() and not Training.objects.running().exists()


def visible_images(training: Training) -> set[int]:
    """Which of its images may be used now, by whoever started it."""
    images = Image.objects.filter(pk__in=training.images.values("image"))
    if training.is_personal:
        if training.started_by is None:
            raise CannotTrain("Whoever started this training is gone, and with them their rights.")
        images = images.visible_to(training.started_by)
    return set(images.values_list("pk", flat=True))


def enough_to_learn(labels: list[int], classes: list[str]) -> None:
    """Raise CannotTrain unless at least two labels have images to learn from."""
    if len(set(labels)) < 2:
        known = ", ".join(classes[label] for label in sorted(set(labels))) or "none"
        raise CannotTrain(
            f"Images to learn from are left of one label only ({known}): two are needed."
        )


def parts_of(training: Training) -> dict[str, list[tuple[int, int]]]:
    """The primary key and the label of each image that may be used, by its part."""
    allowed = visible_images(training)
    found: dict[str, list[tuple[int, int]]] = {str(part): [] for part in Part}
    rows = training.images.order_by("image").values_list("part", "image", "label")
    for part, image, label in rows.iterator():
        if image in allowed:
            found.setdefault(part, []).append((image, label))
    return found

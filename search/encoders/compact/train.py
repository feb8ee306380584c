"""Training `compact` from random weights; `script/train-compact --help` says how to start it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search.encoders.compact import projector
from search.encoders.compact.batches import BATCH_SIZE, Batch, Batches
from search.encoders.compact.checkpoint import (
    Budget,
    CheckpointError,
    Progress,
    read_plan,
    restore,
    save,
)
from search.encoders.compact.corpus import Corpus, read_corpus
from search.encoders.compact.distillation import (
    AVERAGING_INTERVAL,
    Student,
    Teachers,
    fit_projector,
    make_step,
    narrowed,
    teachers_of,
)
from search.encoders.compact.schedule import JOINED_FROM, Stage, rate_at, stage_at
from search.encoders.compact.weights import read_manifest, read_weights

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).resolve().parents[3] / "var" / "training" / "compact"
SECONDS_BETWEEN_CHECKPOINTS = 180
SECONDS_BETWEEN_REPORTS = 60
# By which the projector begins: some ten views a feature.
BATCHES_TO_FIT = 400


class Stopwatch:
    """Seconds since it was last asked, on a clock that nobody sets."""

    def __init__(self) -> None:
        self.started = time.monotonic()

    def lap(self) -> float:
        """The seconds since the last lap."""
        before, self.started = self.started, time.monotonic()
        return self.started - before


@dataclass
class Window:
    """What is told of the steps since the last report."""

    steps: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    error: float = 0.0
    cosine: float = 0.0

    def add(self, seconds: float, loss: Any, error: Any, cosine: Any) -> None:
        """Count one step in."""
        self.steps += 1
        self.seconds += seconds
        self.loss += float(loss)
        self.error += float(error)
        self.cosine += float(cosine)

    def line(self) -> str:
        """The means, for a person who watches."""
        return (
            f"loss {self.loss / self.steps:.3f}  error {self.error / self.steps:.3f}"
            f"  cosine {self.cosine / self.steps:.3f}"
            f"  {self.steps * BATCH_SIZE / self.seconds:.0f} images/s"
        )


@dataclass
class Run:
    """A training run, from wherever its checkpoint left it."""

    student: Student
    teachers: Teachers
    progress: Progress
    budget: Budget
    checkpoint: Path
    clock: Stopwatch = field(default_factory=Stopwatch)

    @property
    def share(self) -> float:
        """How far it has come; a run that began with trained weights begins with joined blocks."""
        start = JOINED_FROM if self.progress.images_before else 0.0
        return start + (1 - start) * self.budget.share(self.progress)

    @property
    def first_batch(self) -> int:
        """The number of its first batch: what weights have seen already comes no second time."""
        return self.progress.images_before // BATCH_SIZE

    def train(self, corpus: Corpus) -> None:
        """Go through the stages that are left, and save at the end."""
        batches = Batches(corpus)
        logger.info("from step %d, for %s in all", self.progress.step, self.budget)
        # From here on an interrupted run knows what it was begun with.
        self.save()
        while self.share < 1:
            self.go_through(stage_at(self.share), batches)
        self.save()

    def go_through(self, stage: Stage, batches: Batches) -> None:
        """Train until the stage is over, with a report now and then and a checkpoint when due."""
        if stage.narrow and not self.student.is_narrow:
            self.student = narrowed(self.student, batches.photos.pictures)
        if stage.joined and projector.is_blank(self.student.projector):
            # Or the blocks would learn to suit noise.
            views = self.views(BATCHES_TO_FIT, batches)
            fit_projector(self.student, self.teachers, stage, views)
        step = make_step(self.student, self.teachers, stage)
        self.progress.input_size = stage.size
        self.progress.seconds += self.clock.lap()
        saved, window = self.progress.seconds, Window()
        for batch in batches.starting_at(self.first_batch + self.progress.step):
            answers = step(batch, rate_at(self.share))
            window.add(self.count_step(), *answers)
            if window.seconds > SECONDS_BETWEEN_REPORTS:
                self.report(window)
                window = Window()
            if self.share >= 1:
                return
            is_over = stage_at(self.share) != stage
            if is_over:
                self.student.settle(self.progress.step)
            if self.progress.seconds - saved > SECONDS_BETWEEN_CHECKPOINTS:
                self.save()
                saved = self.progress.seconds
            if is_over:
                return

    def views(self, count: int, batches: Batches) -> Iterator[Batch]:
        """So many batches from where training is."""
        start = self.first_batch + self.progress.step
        return map(batches.batch, range(start, start + count))

    def count_step(self) -> float:
        """Note that a step is done; return its seconds."""
        seconds = self.clock.lap()
        self.progress.step += 1
        self.progress.seconds += seconds
        if self.progress.step % AVERAGING_INTERVAL == 0:
            self.student.follow(self.progress.step)
        return seconds

    def report(self, window: Window) -> None:
        """One line: where training is, how it goes, how long it still takes."""
        left = self.progress.seconds * (1 / self.budget.share(self.progress) - 1)
        where = f"step {self.progress.step:6d}  {self.progress.input_size} px"
        logger.info("%s  %s  %.0f min left", where, window.line(), left / 60)

    def save(self) -> None:
        """Write the checkpoint from which an interrupted run goes on."""
        save(self.checkpoint, self.student, self.progress, self.budget)


def train(
    data: Path, checkpoint: Path, budget: Budget | None = None, *, from_shipped: bool = False
) -> None:
    """Train until the budget is spent, from the checkpoint where there is one.

    Where there is none, from random weights, or from the shipped ones if these are asked for. Raise
    CheckpointError if there is one that does not go on like this.
    """
    clock = Stopwatch()
    is_begun = checkpoint.exists()
    if is_begun:
        budget = budget_to_go_on_with(checkpoint, budget, from_shipped=from_shipped)
    corpus = read_corpus(data)
    if is_begun:
        student, progress = restore(checkpoint)
    else:
        student, progress = begin_from_shipped() if from_shipped else (Student(), Progress())
    teachers = teachers_of(data, corpus.photos)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    Run(student, teachers, progress, budget or Budget(), checkpoint, clock).train(corpus)


def budget_to_go_on_with(checkpoint: Path, asked: Budget | None, *, from_shipped: bool) -> Budget:
    """The budget of the checkpoint's training.

    Raise CheckpointError if another one or another beginning is asked for, or if it is spent.
    """
    progress, stored = read_plan(checkpoint)
    budget = stored or asked
    if budget is None:
        raise CheckpointError(
            f"{checkpoint} is of an earlier version, which did not note how long to train:"
            " say it by --minutes or --steps, as at its beginning."
        )
    if asked not in (None, budget):
        raise CheckpointError(
            f"The training in {checkpoint.parent} was begun for {budget}. Leave out --minutes and"
            " --steps to go on with it, or give another --folder to begin one."
        )
    if from_shipped and not progress.images_before:
        raise CheckpointError(
            f"The training in {checkpoint.parent} began with random weights. Leave out"
            " --from-shipped to go on with it, or give another --folder to begin one."
        )
    if budget.share(progress) >= 1:
        raise CheckpointError(
            f"The training in {checkpoint.parent} is over after {budget}: there is nothing to go on"
            " with. --export writes its weights; give another --folder to begin one."
        )
    return budget


def begin_from_shipped() -> tuple[Student, Progress]:
    """A student with the shipped weights; its Progress tells what they have seen already."""
    manifest, student = read_manifest(), Student(is_narrow=True)
    student.begin_with(read_weights(manifest))
    seen = manifest.training
    return student, Progress(images_before=seen["images_seen"], seconds_before=seen["minutes"] * 60)

"""A training from its first step to its best weights, from wherever its checkpoint left it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING

from search.encoders.learning.objectives import named
from search.encoders.learning.progress import Epoch, Moment, Progress, Tally
from search.encoders.learning.recipes import Augmentation

if TYPE_CHECKING:
    from search.encoders.learning.checkpoint import Checkpoint
    from search.encoders.learning.examples import Batch, Example, Pair, PairBatch, Pictures
    from search.encoders.learning.learner import Judgement, Learner
    from search.encoders.learning.recipes import Recipe

SECONDS_BETWEEN_CHECKPOINTS = 60.0
PAIRS_A_STEP = 4

# Is told every moment; whatever it raises ends the course where it is.
Watch = Callable[[Moment], None]
# Is told that a checkpoint was saved, with the epochs so far.
Saved = Callable[[Progress], None]


@dataclass
class Course:
    """`train` and `validation` are what there is to learn from and to be judged by.

    `pairs` are pictures that people called alike or not: of these, too, each step sees some.
    """

    learner: Learner
    pictures: Pictures
    train: Sequence[Example]
    validation: Sequence[Example]
    checkpoint: Checkpoint
    watch: Watch
    saved: Saved
    pairs: Sequence[Pair] = ()
    progress: Progress = field(default_factory=Progress)

    @property
    def recipe(self) -> Recipe:
        return self.learner.recipe

    @property
    def images_a_batch(self) -> int:
        """Pictures of a batch, each seen `views` times in it."""
        return max(1, self.recipe.batch_size // self.learner.views)

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return ceil(len(self.train) / self.images_a_batch)

    def run(self) -> Progress:
        """Train until the recipe is done or nothing gets better; the learner has its best weights.

        What `watch` raises passes through, and so does OSError when a checkpoint can't be written.
        """
        self.progress = self.checkpoint.restore(self.learner)
        while not self.progress.is_over(self.recipe.epochs, self.recipe.patience):
            self.go_through_epoch()
        self.learner.set_weights(self.checkpoint.read_best())
        return self.progress

    def go_through_epoch(self) -> None:
        progress, last, saved = self.progress, monotonic(), monotonic()
        for batch in self.batches():
            judged = self.learner.step(batch, self.rate(), self.some_pairs())
            progress.tally.add(judged.loss, right(judged, batch), len(batch.labels))
            progress.step += 1
            now = monotonic()
            progress.epoch_seconds += now - last
            last = now
            self.watch(self.moment())
            if now - saved > SECONDS_BETWEEN_CHECKPOINTS:
                self.save()
                saved = last = monotonic()
        self.end_epoch()

    def batches(self) -> Iterator[Batch]:
        """What is left of this epoch, in an order and with changes that its number tells."""
        import numpy as np

        number = len(self.progress.epochs)
        order = np.random.default_rng([self.recipe.seed, number]).permutation(len(self.train))
        views = np.repeat(order, self.learner.views)
        size = self.images_a_batch * self.learner.views
        done = self.progress.step
        chosen = [self.train[i] for i in views[done * size :]]
        seed = [self.recipe.seed, number, done]
        return self.pictures.batches(chosen, size, self.recipe.augmentation, seed)

    def some_pairs(self) -> PairBatch | None:
        """For this step, any of the pairs."""
        import numpy as np

        if not self.pairs:
            return None
        seed = [self.recipe.seed, len(self.progress.epochs), self.progress.step]
        chosen = np.random.default_rng(seed).integers(len(self.pairs), size=PAIRS_A_STEP)
        pairs = [self.pairs[place] for place in chosen]
        return self.pictures.pair_batch(pairs, self.recipe.augmentation, seed)

    def rate(self) -> float:
        done = len(self.progress.epochs) * self.steps + self.progress.step
        return self.recipe.rate_at(done / (self.recipe.epochs * self.steps))

    def moment(self) -> Moment:
        progress, recipe = self.progress, self.recipe
        done = len(progress.epochs) * self.steps + progress.step
        seconds = progress.seconds + progress.epoch_seconds
        return Moment(
            epoch=len(progress.epochs) + 1,
            epochs=recipe.epochs,
            step=progress.step,
            steps=self.steps,
            loss=progress.tally.mean_loss,
            images_per_second=progress.tally.images / max(progress.epoch_seconds, 1e-9),
            seconds_left=seconds / done * (recipe.epochs * self.steps - done),
        )

    def end_epoch(self) -> None:
        """Judge the network, keep it if it is the best so far, and where the training is."""
        progress, before = self.progress, self.progress.best
        epoch = self.judged_epoch()
        progress.epochs.append(epoch)
        progress.seconds += progress.epoch_seconds
        progress.images += progress.tally.images
        progress.step, progress.tally, progress.epoch_seconds = 0, Tally(), 0.0
        if before is None or epoch.judged < before.judged:
            self.checkpoint.save_best(self.learner)
        self.save()

    def judged_epoch(self) -> Epoch:
        tally, validation = self.progress.tally, self.judge(self.validation)
        return Epoch(
            number=len(self.progress.epochs) + 1,
            loss=tally.mean_loss,
            accuracy=tally.accuracy,
            validation_loss=validation.mean_loss if validation.images else None,
            validation_accuracy=validation.accuracy if validation.images else None,
            rate=self.rate(),
            seconds=self.progress.epoch_seconds,
        )

    def judge(self, examples: Sequence[Example]) -> Tally:
        """The figures of whole pictures, in batches as mixed as those that are learned from."""
        import numpy as np

        tally = Tally()
        mixed = [examples[i] for i in np.random.default_rng(0).permutation(len(examples))]
        size = self.images_a_batch * self.learner.views
        for batch in self.pictures.batches(mixed, size, Augmentation.NONE, []):
            judged = self.learner.judge(batch)
            tally.add(judged.loss, right(judged, batch), len(batch.labels))
        return tally

    def save(self) -> None:
        self.checkpoint.save(self.learner, self.progress)
        self.saved(self.progress)


def right(judged: Judgement, batch: Batch) -> int:
    """How many the head named rightly."""
    return int((named(judged.logits) == batch.labels).sum())

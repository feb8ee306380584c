"""Blocks that learn apart from each other, from what the teacher had before and behind each.

All learn at once and none waits for its input to make sense: Li et al., "Blockwisely Supervised
Neural Architecture Search with Knowledge Distillation" (2020). What costs most is to ask the
teacher, so what it had of some thousand views is kept, and every block learns from these several
times over: the experience replay of Lin, "Self-improving reactive agents" (1992).
"""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from search.encoders.compact import network, settled
from search.encoders.compact.batches import BATCH_SIZE
from search.encoders.compact.views import pixels_of
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.compact.batches import Batch
    from search.encoders.compact.distillation import Student, Teachers
    from search.encoders.compact.schedule import Stage

# About 0.8 MB a view of 160 pixels.
VIEWS_KEPT = 4096


class Exercise(NamedTuple):
    """How many views a block is shown at once, and how many times for each batch of views."""

    views: int
    times: int = 2


# First blocks have large maps, and each position of one is an example. The stem and the last
# bottleneck are what the whole is most sensitive to, and the hardest to learn.
EXERCISES = (
    Exercise(8, times=4),
    Exercise(4),
    Exercise(6),
    Exercise(6),
    Exercise(8),
    *[Exercise(12)] * 3,
    *[Exercise(16)] * 3,
    *[Exercise(24)] * 4,
    Exercise(24, times=6),
    Exercise(24),
)


class Memory:
    """What the teacher had at every cut, pixels first, of the VIEWS_KEPT views seen last."""

    def __init__(self) -> None:
        self.maps: list[NDArray[np.float16]] = []
        self.seen = 0

    def __len__(self) -> int:
        return min(self.seen, VIEWS_KEPT)

    def keep(self, maps: Sequence[Any]) -> None:
        """Put the maps (BATCH_SIZE, h, w, c) in place of the oldest ones."""
        import numpy as np

        if not self.maps:
            self.maps = [np.zeros((VIEWS_KEPT, *map_.shape[1:]), np.float16) for map_ in maps]
        start = self.seen % VIEWS_KEPT
        for kept, map_ in zip(self.maps, maps, strict=True):
            kept[start : start + BATCH_SIZE] = map_.numpy()
        self.seen += BATCH_SIZE

    def before_and_behind(
        self, block: int, which: NDArray[np.int64]
    ) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
        """What the teacher's block was given of these views, and what it gave."""
        return self.maps[block][which], self.maps[block + 1][which]


def make_step_apart(
    student: Student, teachers: Teachers, stage: Stage
) -> Callable[[Batch, float], Any]:
    """A step of blocks that learn apart: (batch, rate) -> (loss, mean error, 0).

    The first teacher looks at the batch; then each block does its exercise with what is remembered.
    """
    import numpy as np

    tf, memory, random = import_tensorflow(), Memory(), np.random.default_rng(1)
    lessons = [
        lesson(block, optimizer, variance, is_settled=stage.settled)
        for block, optimizer, variance in zip(
            student.blocks, student.optimizers_apart, teachers.variances, strict=True
        )
    ]

    def look(batch: Batch) -> Any:
        seen = pixels_of(batch, stage.size)
        maps = [network.scaled(seen), *teachers.maps(seen)]
        return [tf.cast(map_, tf.float16) for map_ in maps]

    def practised(block: int, exercise: Exercise) -> float:
        """Let one block learn from remembered views; return how wrong it was, at last."""
        for _ in range(exercise.times):
            which = random.integers(len(memory), size=exercise.views)
            error = lessons[block](*memory.before_and_behind(block, which))
        return float(error)

    compiled = tf.function(look, autograph=False)

    def run(batch: Batch, rate: float) -> tuple[float, float, float]:
        memory.keep(compiled(tf.nest.map_structure(tf.convert_to_tensor, batch)))
        for optimizer in student.optimizers_apart:
            optimizer.learning_rate.assign(rate)
        errors = list(starmap(practised, enumerate(EXERCISES)))
        return sum(errors), sum(errors) / len(errors), 0.0

    return run


def lesson(block: Any, optimizer: Any, variance: Any, *, is_settled: bool) -> Callable[..., Any]:
    """A compiled function (given, wanted) -> mean squared error in units of variance."""
    tf = import_tensorflow()

    def learn(given: Any, wanted: Any) -> Any:
        given, wanted = tf.cast(given, tf.float32), tf.cast(wanted, tf.float32)
        with tf.GradientTape() as tape:
            answer = settled.answer(block, given) if is_settled else block(given, training=True)
            error = tf.reduce_mean(tf.square(answer - wanted) / variance)
        trained = block.trainable_variables
        optimizer.apply(tape.gradient(error, trained), trained)
        return error

    compiled: Callable[..., Any] = tf.function(learn, autograph=False)
    return compiled

"""One step of distillation: the student's blocks answer, are compared with the teacher's, learn.

Every block learns to give what the teacher's has at the same place, position by position: the hints
of Romero et al., "FitNets" (2015). At first each is given what the teacher has before it (`apart`).
Then they are joined, each is given what the one before it gives, and what counts most is what a
projector (`projector`) makes of the pooled features at the end: the vectors of two teachers, which
together find more than either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from search.encoders.compact import network, projector, settled
from search.encoders.compact.apart import make_step_apart
from search.encoders.compact.batches import Batch
from search.encoders.compact.corpus import PHOTO_SIZE
from search.encoders.compact.narrowing import narrow
from search.encoders.compact.projection import fit_projection
from search.encoders.compact.teachers import SECOND_TEACHER, block_outputs, feature_network
from search.encoders.compact.views import askew, grainy, pixels_of
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.compact.schedule import Stage

WEIGHT_DECAY = 0.01
AVERAGING_DECAY = 0.98
AVERAGING_INTERVAL = 10
# When joined: of what lies within and of the vectors, beside that of the features at the end.
HINT_WEIGHT = 0.1
VECTOR_WEIGHT = 3.0
PICTURES_AT_ONCE = 32
# By which blocks are narrowed: each has thousands of places.
PHOTOS_TO_NARROW = 768


class Student:
    """The blocks in training, their projector and optimizer, and the average of their weights.

    The running average of the blocks' weights is what is evaluated and shipped (Polyak and
    Juditsky, 1992); the projector is for training alone. The blocks are as wide as they learn best,
    or as narrow as they are shipped.
    """

    def __init__(self, *, is_narrow: bool = False) -> None:
        tf = import_tensorflow()
        import keras

        keras.utils.set_random_seed(1)
        self.is_narrow = is_narrow
        self.blocks = network.build_blocks(network.NARROW if is_narrow else network.WIDE)
        self.projector = projector.build()
        self.weights = [weight for block in self.blocks for weight in block.weights]
        self.trained = [
            weight for part in (*self.blocks, self.projector) for weight in part.trainable_variables
        ]
        self.optimizer = keras.optimizers.AdamW(weight_decay=WEIGHT_DECAY, beta_2=0.99)
        self.optimizer.exclude_from_weight_decay(var_names=["gamma", "beta"])
        self.optimizer.build(self.trained)
        # For blocks that learn apart, each at its own pace.
        self.optimizers_apart = [keras.optimizers.Adam(beta_2=0.99) for _ in self.blocks]
        for block, optimizer in zip(self.blocks, self.optimizers_apart, strict=True):
            optimizer.build(block.trainable_variables)
        self.average = [tf.Variable(weight.value) for weight in self.weights]

    def begin_with(self, weights: Sequence[NDArray[np.float32]]) -> None:
        """Take these weights, in the network's own order, in place of the random ones."""
        for variable, average, weight in zip(self.weights, self.average, weights, strict=False):
            variable.assign(weight)
            average.assign(weight)

    def variables(self) -> dict[str, list[Any]]:
        """Everything that a checkpoint holds, by group and in a fixed order."""
        return {
            "weights": self.weights,
            "projector": self.projector.weights,
            "optimizer": self.optimizer.variables,
            "optimizers_apart": [
                variable for optimizer in self.optimizers_apart for variable in optimizer.variables
            ],
            "average": self.average,
        }

    def follow(self, steps: int) -> None:
        """Move the average towards the weights after so many steps; early ones count for little."""
        decay = min(AVERAGING_DECAY, (1 + steps) / (10 + steps))
        for average, weight in zip(self.average, self.weights, strict=True):
            average.assign_add((1 - decay) * (weight.value - average))

    def settle(self, steps: int) -> None:
        """Go on from the average, in which the statistics of batches are of many of them."""
        self.follow(steps)
        for average, weight in zip(self.average, self.weights, strict=True):
            weight.assign(average)


@dataclass(frozen=True)
class Teachers:
    """What is imitated, and by which measure its answers are compared with others'."""

    # Of pixels (n, size, size, 3), what each block is to give.
    maps: Callable[..., Sequence[Any]]
    # Of the same pixels and the last of those maps, the vectors (n, projector.DIMENSIONS) of both.
    vectors: Callable[..., Any]
    # Of what each block gives: by channel, but as a whole for the features, of which many rest.
    variances: Sequence[NDArray[np.float32]]


def teachers_of(data: Path, photos: NDArray[np.uint8]) -> Teachers:
    """The teachers in `data`, with what they say of the photos (n, PHOTO_SIZE, PHOTO_SIZE, 3).

    The first gives the maps. The vectors are of both: their pooled features side by side, each of
    unit length, rotated and half whitened as the photos say.
    """
    tf = import_tensorflow()
    import numpy as np

    first, second = block_outputs(data), feature_network(data, SECOND_TEACHER)

    def pooled(pixels: Any, features: Any) -> Any:
        parts = [network.generalized_mean(maps) for maps in (features, second(pixels))]
        return tf.concat([tf.math.l2_normalize(part, axis=1) for part in parts], axis=1)

    def looked(pixels: Any) -> tuple[Sequence[Any], Any]:
        maps = first(pixels)
        return maps, pooled(pixels, maps[-1])

    specification = tf.TensorSpec((None, PHOTO_SIZE, PHOTO_SIZE, 3), tf.float32)
    look = tf.function(looked, input_signature=[specification], autograph=False)
    parts = np.array_split(photos, max(1, len(photos) // PICTURES_AT_ONCE))
    seen = np.concatenate([look(part.astype(np.float32))[1].numpy() for part in parts])
    projection = fit_projection(seen, projector.DIMENSIONS)

    def vectors(pixels: Any, features: Any) -> Any:
        turned = tf.matmul(pooled(pixels, features) - projection.centre, projection.axes)
        # Numbers of about one: weights that were to give smaller ones would be overrun by the rate.
        return tf.math.l2_normalize(turned, axis=1) * projector.DIMENSIONS**0.5

    *inner, last = (maps.numpy() for maps in look(parts[0].astype(np.float32))[0])
    variances = [*(output.var(axis=(0, 1, 2)) + 1e-6 for output in inner), last.var() + 1e-6]
    return Teachers(first, vectors, variances)


def fit_projector(
    student: Student, teachers: Teachers, stage: Stage, batches: Iterable[Batch]
) -> None:
    """Give the projector what makes most of the features as they are, on views of `batches`."""
    tf = import_tensorflow()
    import numpy as np

    def look(batch: Batch) -> Any:
        pixels = pixels_of(batch, stage.size)
        vectors = teachers.vectors(pixels, teachers.maps(pixels)[-1])
        return network.generalized_mean(_answers(student, grainy(pixels))[-1]), vectors

    compiled = tf.function(look, autograph=False)
    seen = [compiled(tf.nest.map_structure(tf.convert_to_tensor, batch)) for batch in batches]
    features, vectors = (np.concatenate(part) for part in zip(*seen, strict=True))
    projector.fit(student.projector, features, vectors)


def narrowed(student: Student, photos: NDArray[np.uint8]) -> Student:
    """A narrow one that answers nearly as `student` does on photos (n, side, side, 3).

    Every other one lies askew: a gallery's pictures are whole, and some are scans.
    """
    tf = import_tensorflow()
    import numpy as np

    narrower = Student(is_narrow=True)
    which = np.linspace(0, len(photos) - 1, min(len(photos), PHOTOS_TO_NARROW), dtype=int)
    pictures = []
    for part in np.array_split(photos[which], max(1, len(which) // PICTURES_AT_ONCE)):
        whole = tf.image.resize(part, (network.INPUT_SIZE, network.INPUT_SIZE))
        pictures.append(network.scaled(tf.concat([whole[::2], askew(whole[1::2])], axis=0)))
    narrow(student.blocks, narrower.blocks, pictures)
    narrower.begin_with([weight.numpy() for weight in narrower.weights])
    narrower.projector.set_weights(student.projector.get_weights())
    return narrower


def make_step(student: Student, teachers: Teachers, stage: Stage) -> Callable[[Batch, float], Any]:
    """A function (batch, rate) -> (loss, how wrong the blocks are, mean cosine).

    How wrong the blocks are: the mean over them of squared errors in units of variance. The cosine
    is that of the vectors; 0 while the blocks are apart.
    """
    if not stage.joined:
        return make_step_apart(student, teachers, stage)
    tf = import_tensorflow()

    def step(batch: Batch) -> Any:
        pixels = pixels_of(batch, stage.size)
        maps = teachers.maps(pixels)
        vectors = teachers.vectors(pixels, maps[-1])
        with tf.GradientTape() as tape:
            answers = _answers(student, grainy(pixels))
            errors = _errors(answers, maps, teachers)
            cosine = _cosine(student.projector(network.generalized_mean(answers[-1])), vectors)
            loss = HINT_WEIGHT * tf.add_n(errors[:-1]) + errors[-1] + VECTOR_WEIGHT * (1 - cosine)
        student.optimizer.apply(tape.gradient(loss, student.trained), student.trained)
        return loss, tf.reduce_mean(errors), cosine

    # AutoGraph would read this file again, which may have changed since a long run began.
    compiled = tf.function(step, autograph=False)

    def run(batch: Batch, rate: float) -> Any:
        student.optimizer.learning_rate.assign(rate)
        return compiled(tf.nest.map_structure(tf.convert_to_tensor, batch))

    return run


def _answers(student: Student, pixels: Any) -> list[Any]:
    """What each of the joined blocks gives."""
    answers, x = [], network.scaled(pixels)
    for block in student.blocks:
        # Normalized by the running averages, as they stand: what is trained is what is shipped.
        x = settled.answer(block, x)
        answers.append(x)
    return answers


def _errors(answers: Sequence[Any], wanted: Sequence[Any], teachers: Teachers) -> list[Any]:
    """For each block, the mean squared error in units of variance: 1 for who always says the mean.

    The network's own input sizes must be multiples of 32, or the maps are not of the same shape.
    """
    tf = import_tensorflow()
    triples = zip(answers, wanted, teachers.variances, strict=True)
    return [tf.reduce_mean(tf.square(answer - want) / var) for answer, want, var in triples]


def _cosine(answers: Any, wanted: Any) -> Any:
    tf = import_tensorflow()
    answers, wanted = (tf.math.l2_normalize(vectors, axis=1) for vectors in (answers, wanted))
    return tf.reduce_mean(tf.reduce_sum(answers * wanted, axis=1))

"""One step of distillation: the student answers, is compared with the teachers, and learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from search.encoders.compact import network
from search.encoders.compact.batches import BATCH_SIZE, Batch, Views
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

WEIGHT_DECAY = 0.05
TEMPERATURE = 0.07
RELATIONAL_WEIGHT = 0.2
AVERAGING_DECAY = 0.98
AVERAGING_INTERVAL = 10


class Student:
    """The network in training, its optimizer, and the running average of its weights.

    The average is what is evaluated and shipped (Polyak and Juditsky, 1992).
    """

    def __init__(self) -> None:
        tf = import_tensorflow()
        import keras

        keras.utils.set_random_seed(1)
        self.model = network.build_for_training()
        self.optimizer = keras.optimizers.AdamW(
            weight_decay=WEIGHT_DECAY, beta_2=0.99, global_clipnorm=1.0
        )
        self.optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        self.optimizer.build(self.model.trainable_variables)
        self.average = [tf.Variable(weight.value) for weight in self.model.weights]

    def begin_with(self, weights: Sequence[NDArray[np.float32]]) -> None:
        """Take these weights, in the network's own order, in place of the random ones.

        All but those of the last layer, which after training gives way to another.
        """
        head = len(self.model.get_layer("embedding").weights)
        pairs = zip(self.model.weights[:-head], self.average[:-head], weights, strict=False)
        for variable, average, weight in pairs:
            variable.assign(weight)
            average.assign(weight)

    def variables(self) -> dict[str, list[Any]]:
        """Everything that a checkpoint holds, by group and in a fixed order."""
        return {
            "weights": self.model.weights,
            "optimizer": self.optimizer.variables,
            "average": self.average,
        }

    def follow(self) -> None:
        """Move the average towards the present weights; called every AVERAGING_INTERVAL steps."""
        for average, weight in zip(self.average, self.model.weights, strict=True):
            average.assign_add((1 - AVERAGING_DECAY) * (weight.value - average))


def make_step(student: Student, size: int) -> Callable[[Batch, float], Any]:
    """A compiled function (batch, rate) -> (loss, mean cosine), on pictures of `size`."""
    tf = import_tensorflow()

    def step(batch: Batch) -> Any:
        pixels = _pixels(batch, size)
        with tf.GradientTape() as tape:
            answers = tf.math.l2_normalize(student.model(pixels, training=True), axis=1)
            cosine = tf.reduce_mean(tf.reduce_sum(answers * batch.targets, axis=1))
            loss = 1 - cosine + RELATIONAL_WEIGHT * _relational(answers, batch)
        variables = student.model.trainable_variables
        student.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss, cosine

    # AutoGraph would read this file again, which may have changed since a long run began.
    compiled = tf.function(step, autograph=False)

    def run(batch: Batch, rate: float) -> Any:
        student.optimizer.learning_rate.assign(rate)
        return compiled(tf.nest.map_structure(tf.convert_to_tensor, batch))

    return run


def _relational(answers: Any, batch: Batch) -> Any:
    """How far the student's neighbours among the anchors are from the teachers', in nats.

    The divergence of the two softmaxes over similarities: Fang et al., "SEED" (2021).
    """
    tf = import_tensorflow()
    wanted = tf.nn.log_softmax(
        tf.matmul(batch.targets, batch.anchors, transpose_b=True) / TEMPERATURE
    )
    given = tf.nn.log_softmax(tf.matmul(answers, batch.anchors, transpose_b=True) / TEMPERATURE)
    return tf.reduce_mean(tf.reduce_sum(tf.exp(wanted) * (wanted - given), axis=1))


def _pixels(batch: Batch, size: int) -> Any:
    """The views themselves, (BATCH_SIZE, size, size, 3), a little brighter or flatter at random."""
    tf = import_tensorflow()
    pixels = tf.concat([cut(batch.tiny, size), cut(batch.photos, size)], axis=0)
    mean = tf.reduce_mean(pixels, axis=(1, 2, 3), keepdims=True)
    contrast = tf.random.uniform((BATCH_SIZE, 1, 1, 1), 0.8, 1.2)
    brightness = tf.random.uniform((BATCH_SIZE, 1, 1, 1), -20.0, 20.0)
    return tf.clip_by_value((pixels - mean) * contrast + mean + brightness, 0.0, 255.0)


def cut(views: Views, size: int) -> Any:
    """The pixels (n, size, size, 3) of views, each with its patch of the one before."""
    tf = import_tensorflow()
    pictures, count = tf.cast(views.pictures, tf.float32), views.pictures.shape[0]
    cut = tf.image.crop_and_resize(pictures, views.boxes, tf.range(count), [size, size])
    centres = (tf.range(size, dtype=tf.float32) + 0.5) / size
    top, left, bottom, right = (edge[:, None] for edge in tf.unstack(views.patches, axis=1))
    rows, columns = (centres > top) & (centres < bottom), (centres > left) & (centres < right)
    return tf.where(
        rows[:, :, None, None] & columns[:, None, :, None], tf.roll(cut, 1, axis=0), cut
    )

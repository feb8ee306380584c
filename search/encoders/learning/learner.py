"""A network in training: one step, one judgement, and all that a checkpoint must hold."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from search.encoders.learning import classic, fine_tuning
from search.encoders.learning.objectives import (
    contrastive_loss,
    head_for,
    naming_loss,
    pair_loss,
)
from search.encoders.learning.recipes import Augmentation, Backbone, Kind, Optimizer, Recipe
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.learning.examples import Batch, Example, PairBatch, Pictures

WEIGHT_DECAY = 0.01
MOMENTUM = 0.9
# Pictures at a time that a base encodes before it is fine-tuned.
AXES_BATCH = 32


class Judgement(NamedTuple):
    """Of a batch: what is minimised, and the head's logits (n, outputs)."""

    loss: float
    logits: NDArray[np.float32]


class Learner:
    """The network `model` (pixels -> embedding), its head and its optimizer.

    The classic network learns through its head. When fine-tuning, the learned half of the embedding
    learns by contrast; the head only watches, its gradient goes no further.
    """

    def __init__(self, model: keras.Model, classes: int, recipe: Recipe) -> None:
        self.model = model
        self.recipe = recipe
        self.input_size: int = model.input.shape[1]
        self.head = head_for(classes)
        self.head.build(model.output.shape)
        self.network = _with_learned(model, recipe.kind)
        self.trained = [*_trained_of(model, recipe), *self.head.trainable_variables]
        self.optimizer = optimizer_of(recipe)
        self.optimizer.build(self.trained)

    @property
    def views(self) -> int:
        """How often each picture is in its batch: alone it would have nothing to be near to."""
        return 2 if self.recipe.kind is Kind.FINE_TUNE else 1

    def variables(self) -> dict[str, list[Any]]:
        """All that changes in training, by what it is."""
        return {"weights": self.trained, "optimizer": self.optimizer.variables}

    def weights(self) -> list[NDArray[np.float32]]:
        return [variable.numpy() for variable in self.trained]

    def set_weights(self, values: Sequence[NDArray[np.float32]]) -> None:
        for variable, value in zip(self.trained, values, strict=True):
            variable.assign(value)

    def step(self, batch: Batch, rate: float, pairs: PairBatch | None = None) -> Judgement:
        """Learn from one batch at this learning rate; the judgement is from before.

        When fine-tuning, also from pairs that people called alike or not.
        """
        tf = import_tensorflow()
        self.optimizer.learning_rate.assign(rate)
        step = self._step if pairs is None else self._step_with_pairs
        loss, logits = step(*map(tf.constant, (*batch, *(pairs or ()))))
        return Judgement(float(loss), logits.numpy())

    def judge(self, batch: Batch) -> Judgement:
        """The same figures, and nothing is learned."""
        tf = import_tensorflow()
        loss, logits = self._judge(tf.constant(batch.pixels), tf.constant(batch.labels))
        return Judgement(float(loss), logits.numpy())

    def keep_axes(self, base: keras.Model, pictures: Pictures, examples: Sequence[Example]) -> None:
        """Where the vectors of `base` are too wide to be kept whole, keep their main axes."""
        import numpy as np

        if not fine_tuning.needs_projection(self.model):
            return
        batches = pictures.batches(examples, AXES_BATCH, Augmentation.NONE, [])
        vectors = [
            base(batch.pixels.astype(np.float32), training=False).numpy() for batch in batches
        ]
        fine_tuning.set_projection(self.model, np.concatenate(vectors))

    @cached_property
    def _step(self) -> Callable[..., Any]:
        return self._traced(self._learning(self._answers), *self._batch_shape())

    @cached_property
    def _step_with_pairs(self) -> Callable[..., Any]:
        tf = import_tensorflow()
        pixels, _ = self._batch_shape()
        shape = (*self._batch_shape(), pixels, pixels, tf.TensorSpec((None,), tf.float32))
        return self._traced(self._learning(self._answers_with_pairs), *shape)

    @cached_property
    def _judge(self) -> Callable[..., Any]:
        return self._traced(self._answers, *self._batch_shape())

    def _learning(self, answers: Callable[..., Any]) -> Callable[..., Any]:
        """What `answers` says, and the step that follows from its loss."""
        tf = import_tensorflow()

        def step(*batch: Any) -> Any:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch([variable.value for variable in self.trained])
                loss, logits = answers(*batch)
            gradients = tape.gradient(loss, [variable.value for variable in self.trained])
            self.optimizer.apply(gradients, self.trained)
            return loss, logits

        return step

    def _batch_shape(self) -> tuple[Any, Any]:
        tf = import_tensorflow()
        pixels = tf.TensorSpec((None, self.input_size, self.input_size, 3), tf.uint8)
        return pixels, tf.TensorSpec((None,), tf.int32)

    def _traced(self, function: Callable[..., Any], *shape: Any) -> Callable[..., Any]:
        tf = import_tensorflow()
        traced: Callable[..., Any] = tf.function(function, input_signature=shape, autograph=False)
        return traced

    def _answers_with_pairs(
        self, pixels: Any, labels: Any, one: Any, other: Any, are_alike: Any
    ) -> Any:
        tf = import_tensorflow()
        loss, logits = self._answers(pixels, labels)
        near, far = (
            self.network(tf.cast(side, tf.float32), training=False)[1] for side in (one, other)
        )
        return loss + pair_loss(near, far, are_alike), logits

    def _answers(self, pixels: Any, labels: Any) -> Any:
        tf = import_tensorflow()
        # Never in training mode: small batches would spoil the running averages of a base.
        embedding, learned = self.network(tf.cast(pixels, tf.float32), training=False)
        if self.recipe.kind is Kind.CLASSIC:
            logits = self.head(embedding)
            return naming_loss(logits, labels), logits
        logits = self.head(tf.stop_gradient(embedding))
        watching = naming_loss(logits, labels)
        # Its gradient counts, its value does not: what is told is what the embedding is about.
        watching -= tf.stop_gradient(watching)
        return contrastive_loss(learned, labels) + watching, logits


def optimizer_of(recipe: Recipe) -> keras.optimizers.Optimizer:
    """The recipe's optimizer; `Learner.step` sets its learning rate."""
    from keras import optimizers

    match recipe.optimizer:
        case Optimizer.SGD:
            return optimizers.SGD()
        case Optimizer.MOMENTUM:
            return optimizers.SGD(momentum=MOMENTUM, nesterov=True)
        case Optimizer.ADAM:
            return optimizers.Adam()
        case Optimizer.ADAMW:
            return optimizers.AdamW(weight_decay=WEIGHT_DECAY)


def network_for(recipe: Recipe, base: keras.Model | None) -> keras.Model:
    """The untrained network of the recipe, `base` being the one that it fine-tunes."""
    if base is None:
        return classic.build()
    return fine_tuning.build(base)


def _with_learned(model: keras.Model, kind: Kind) -> keras.Model:
    """The network with two outputs: the whole embedding, and the part that learns by contrast."""
    import keras

    if kind is Kind.CLASSIC:
        return keras.Model(model.input, [model.output, model.output])
    learned = model.get_layer(fine_tuning.LEARNED_LAYER).output
    return keras.Model(model.input, [model.output, learned])


def _trained_of(model: keras.Model, recipe: Recipe) -> list[Any]:
    if recipe.kind is Kind.CLASSIC or recipe.backbone is Backbone.TRAINED:
        variables: list[Any] = model.trainable_variables
        return variables
    learning: list[Any] = model.get_layer(fine_tuning.LEARNING_LAYER).trainable_variables
    return learning

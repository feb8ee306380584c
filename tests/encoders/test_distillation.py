"""A lesson: the blocks learn to give what the teacher's give, apart at first and then joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from search.encoders.compact import apart, distillation, network, projector, settled, views
from search.encoders.compact.apart import Memory
from search.encoders.compact.batches import (
    BATCH_SIZE,
    MOSAICS_PER_BATCH,
    PHOTOS_PER_BATCH,
    TINY_PER_BATCH,
    Batch,
    Source,
)
from search.encoders.compact.distillation import Student, Teachers, make_step
from search.encoders.compact.schedule import Stage
from search.encoders.compact.views import relit
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def batch() -> Batch:
    random = np.random.default_rng(0)
    source = Source(random.integers(0, 255, (8, 64, 64, 3), np.uint8), smallest_crop=0.5)
    counts = (PHOTOS_PER_BATCH, TINY_PER_BATCH, 4 * MOSAICS_PER_BATCH)
    return Batch(*(source.draw(random, count) for count in counts))


@pytest.fixture(scope="module")
def teachers() -> Teachers:
    """Other networks of random weights, which give what teachers give."""
    tf = import_tensorflow()
    blocks = network.build_blocks()
    axes = tf.random.normal((network.FEATURES, projector.DIMENSIONS), seed=1)

    def maps(pixels: Any) -> list[Any]:
        answers, x = [], network.scaled(pixels)
        for block in blocks:
            x = block(x, training=True)
            answers.append(x)
        return answers

    def vectors(_pixels: Any, features: Any) -> Any:
        pooled = network.generalized_mean(features)
        return tf.matmul(pooled - tf.reduce_mean(pooled, axis=0), axes)

    answers = maps(tf.random.uniform((32, 64, 64, 3), 0, 255, seed=1))
    return Teachers(maps, vectors, [answer.numpy().var() for answer in answers])


@pytest.mark.parametrize(
    "stage",
    [
        Stage(0, 64, joined=False, settled=False),
        Stage(0, 64, joined=False),
        Stage(0, 64, joined=True),
    ],
)
def test_the_blocks_come_nearer_to_the_teachers(
    teachers: Teachers, batch: Batch, stage: Stage
) -> None:
    step = make_step(Student(), teachers, stage)
    errors = [float(step(batch, 3e-3)[1]) for _ in range(13)]
    assert errors[-1] < errors[0] * 0.8


def test_the_projector_begins_near_the_vectors_and_learns_with_the_blocks(
    teachers: Teachers, batch: Batch
) -> None:
    student, stage = Student(), Stage(0, 64, joined=True)
    distillation.fit_projector(student, teachers, stage, [batch] * 8)
    fitted, _ = student.projector.get_weights()
    _, _, cosine = make_step(student, teachers, stage)(batch, 3e-4)
    learned, _ = student.projector.get_weights()
    assert cosine > 0.5
    assert not np.array_equal(fitted, learned)


def test_a_projector_is_blank_until_it_is_fitted() -> None:
    random, layer = np.random.default_rng(0), projector.build()
    features = random.normal(size=(3000, network.FEATURES)).astype(np.float32) + 3
    axes = random.normal(size=(network.FEATURES, projector.DIMENSIONS)).astype(np.float32)
    vectors = features @ axes + 1
    assert projector.is_blank(layer)
    projector.fit(layer, features[:-500], vectors[:-500])
    assert not projector.is_blank(layer)
    # Of views that it was not fitted to.
    error = np.square(layer(features[-500:]) - vectors[-500:]).mean()
    assert error < 0.2 * vectors.var()


def test_the_memory_keeps_the_views_that_were_seen_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "VIEWS_KEPT", 2 * BATCH_SIZE)
    tf, memory = import_tensorflow(), Memory()
    for number in range(3):
        memory.keep([tf.fill((BATCH_SIZE, 1, 1, 1), float(number + map_)) for map_ in (0, 10)])
    given, wanted = memory.before_and_behind(0, np.array([0, BATCH_SIZE]))
    assert len(memory) == 2 * BATCH_SIZE
    assert given.ravel().tolist() == [2, 1]
    assert wanted.ravel().tolist() == [12, 11]


def test_a_settled_block_answers_and_learns_as_keras_lets_it() -> None:
    tf, random = import_tensorflow(), np.random.default_rng(0)
    student = Student()
    for weight in student.weights:
        # No statistic is left as it was at the beginning.
        weight.assign(weight + random.uniform(0, 0.2, weight.shape))

    def learned(answer: Callable[..., Any], block: Any, maps: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            answered = answer(block, maps)
            loss = tf.reduce_mean(tf.square(answered))
        return answered, tape.gradient(loss, block.trainable_variables)

    def by_keras(block: Any, maps: Any) -> Any:
        return block(maps, training=False)

    # The stem, one that makes smaller and one that adds to what it is given.
    maps = random.normal(size=(2, 16, 16, 3)).astype(np.float32)
    for block in student.blocks[:3]:
        answered, gradients = learned(settled.answer, block, maps)
        maps, expected = learned(by_keras, block, maps)
        assert np.allclose(answered, maps, rtol=1e-3, atol=1e-4)
        for gradient, wanted in zip(gradients, expected, strict=True):
            assert np.linalg.norm(gradient - wanted) < 1e-2 * np.linalg.norm(wanted)


@pytest.mark.parametrize(("grey", "negative"), [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)])
def test_a_view_is_seen_in_its_own_colours_in_grey_or_as_a_negative(
    monkeypatch: pytest.MonkeyPatch, grey: float, negative: float
) -> None:
    monkeypatch.setattr(views, "GREY", grey)
    monkeypatch.setattr(views, "NEGATIVE", negative)
    tf = import_tensorflow()
    view = tf.constant([[[[200.0, 60.0, 60.0], [60.0, 20.0, 20.0]]]])
    lit = relit(tf.tile(view, (BATCH_SIZE, 1, 1, 1))).numpy()
    brighter, darker = lit[:, 0, 0], lit[:, 0, 1]
    assert lit.min() >= 0
    assert lit.max() <= 255
    assert (np.ptp(lit, axis=3).max() < 1e-3) == bool(grey)
    assert (brighter.mean(axis=1) < darker.mean(axis=1)).all() == bool(negative)
    # Each in a light of its own.
    assert np.unique(brighter, axis=0).shape[0] == BATCH_SIZE


def test_the_weights_of_the_blocks_are_those_of_the_network_but_for_its_last_layer() -> None:
    blocks = [weight.shape for block in network.build_blocks() for weight in block.weights]
    whole = [weight.shape for weight in network.build(64).weights]
    assert whole[:-2] == blocks
    assert whole[-2:] == [(network.FEATURES, network.DIMENSIONS), (network.DIMENSIONS,)]


def test_joined_blocks_answer_as_the_network_does() -> None:
    model, blocks = network.build(64), network.build_blocks()
    weights = iter(model.get_weights())
    for block in blocks:
        block.set_weights([next(weights) for _ in block.weights])
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3)).astype(np.float32)
    x = network.scaled(pixels)
    for block in blocks:
        x = block(x)
    import keras

    features = keras.Model(model.input, model.get_layer(network.FEATURE_MAP_LAYER).output)
    assert np.allclose(features(pixels), x, atol=1e-4)

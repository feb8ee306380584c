"""Narrower blocks answer almost as the wide ones that they are made of."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from search.encoders.compact import network
from search.encoders.compact.narrowing import Moments, most_telling, narrow
from search.encoders.tensorflow import import_tensorflow

# Keras 3.15 hands weights over by a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

FEW, MANY = 6, 12
BLOCKS = len(network.NARROW)


@pytest.fixture
def pictures() -> list[Any]:
    tf = import_tensorflow()
    pixels = np.random.default_rng(1).uniform(-1, 1, (2, 4, 8, 8, 3)).astype(np.float32)
    return [tf.image.resize(batch, (64, 64)) for batch in pixels]


def blocks_of_different_statistics(hidden: int) -> Any:
    """Blocks with `hidden` channels inside, normalized by other numbers than zero and one."""
    import keras

    keras.utils.set_random_seed(2)
    random = np.random.default_rng(3)
    blocks = network.build_blocks([hidden] * BLOCKS)
    for block in blocks:
        for layer in block.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                size = len(layer.get_weights()[0])
                layer.set_weights([random.uniform(0.5, 1.5, size) for _ in range(4)])
    return blocks


def error(blocks: Any, others: Any, pictures: list[Any]) -> float:
    """How far the last answers of two rows of blocks are from each other, in deviations."""
    answers = []
    for row in (blocks, others):
        x = pictures[0]
        for block in row:
            x = block(x, training=False)
        answers.append(x.numpy())
    return float(np.abs(answers[0] - answers[1]).mean() / answers[0].std())


def test_channels_that_say_the_same_twice_are_no_loss(pictures: list[Any]) -> None:
    few = blocks_of_different_statistics(FEW)
    many, left = (network.build_blocks([count] * BLOCKS) for count in (MANY, FEW))
    for block, doubled in zip(few, many, strict=True):
        doubled.set_weights(twice(block.get_weights()))
    assert error(few, many, pictures) < 0.001
    narrow(many, left, pictures)
    assert error(many, left, pictures) < 0.01


def twice(arrays: list[Any]) -> list[Any]:
    """The weights of a block with each of its channels inside two times, for half as much each."""
    if len(arrays) == 5:
        return arrays
    widening, depthwise, narrowing = arrays[:5], arrays[5:10], arrays[10:]
    return [
        *(np.concatenate([array] * 2, axis=-1) for array in widening),
        np.concatenate([depthwise[0]] * 2, axis=2),
        *(np.concatenate([array] * 2) for array in depthwise[1:]),
        np.concatenate([narrowing[0] / 2] * 2, axis=2),
        *narrowing[1:],
    ]


def test_the_more_channels_stay_the_nearer_is_the_answer(pictures: list[Any]) -> None:
    wide = blocks_of_different_statistics(MANY)
    errors = []
    for count in (MANY, 10, 6):
        left = network.build_blocks([count] * BLOCKS)
        narrow(wide, left, pictures)
        errors.append(error(wide, left, pictures))
    assert errors[0] < 0.001
    assert all(nearer < farther for nearer, farther in pairwise(errors))


def moments_of(channels: np.ndarray[Any, Any], answers: np.ndarray[Any, Any]) -> Moments:
    means, answer_means = channels.mean(axis=0), answers.mean(axis=0)
    centred = channels - means
    covariances = centred.T @ centred / len(channels)
    return Moments(means, covariances, answer_means, centred.T @ answers / len(channels))


def test_those_that_stay_answer_for_the_one_that_went() -> None:
    random = np.random.default_rng(4)
    channels = random.normal(size=(4000, 3))
    # The last is almost the sum of the others.
    channels = np.column_stack(
        [channels[:, :2], channels[:, :2].sum(axis=1) + 1e-2 * channels[:, 2]]
    )
    answers = channels @ np.array([[1.0], [2.0], [5.0]])
    kept, kernel = most_telling(moments_of(channels, answers), 2, np.ones(1))
    assert np.allclose(channels[:, kept] @ kernel, answers, atol=0.3)


def test_a_channel_that_the_answer_hardly_needs_goes_first() -> None:
    channels = np.random.default_rng(5).normal(size=(4000, 3))
    answers = channels @ np.array([[1.0, 0.0], [0.1, 0.2], [0.0, 1.0]])
    kept, _ = most_telling(moments_of(channels, answers), 2, np.ones(2))
    assert kept.tolist() == [0, 2]


def test_an_answer_that_counts_more_keeps_its_channel() -> None:
    channels = np.random.default_rng(6).normal(size=(4000, 2))
    answers = channels @ np.array([[1.0, 0.0], [0.0, 0.5]])
    moments = moments_of(channels, answers)
    assert most_telling(moments, 1, np.array([1.0, 1.0]))[0].tolist() == [0]
    assert most_telling(moments, 1, np.array([1.0, 9.0]))[0].tolist() == [1]

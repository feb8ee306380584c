"""How many pictures a second a network takes: frozen, and as Keras would run it."""

from __future__ import annotations

from functools import partial
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.frozen import FrozenNetwork

PICTURES = 128
BATCH = 32
SECONDS = 3.0
TURNS = 9


def frozen_speed(network: FrozenNetwork) -> float:
    """Images per second of the bare network, as the product runs it."""
    pixels = random_pixels(network.input_size)
    return per_second(lambda: network.vectors(pixels))


def speeds_in_turns(networks: Sequence[FrozenNetwork]) -> list[float]:
    """Images per second of bare networks that take TURNS turns: the median of each.

    What else the machine does meanwhile slows one as it slows the others.
    """
    rounds = [partial(network.vectors, random_pixels(network.input_size)) for network in networks]
    for work in rounds:
        work()
    turns = [[PICTURES / seconds(work) for work in rounds] for _ in range(TURNS)]
    return [median(speeds) for speeds in zip(*turns, strict=True)]


def keras_speeds(model: keras.Model, input_size: int) -> tuple[float, float]:
    """Images per second by `tf.function` and by `model.predict`, in batches of BATCH."""
    tf = import_tensorflow()
    pixels = random_pixels(input_size).astype("float32")
    traced = tf.function(lambda batch: model(batch, training=False), autograph=False)

    def by_function() -> None:
        for start in range(0, PICTURES, BATCH):
            traced(tf.constant(pixels[start : start + BATCH])).numpy()

    def by_predict() -> None:
        model.predict(pixels, batch_size=BATCH, verbose=0)

    return per_second(by_function), per_second(by_predict)


def random_pixels(size: int) -> NDArray[np.uint8]:
    """PICTURES square pictures of noise: a network takes as long for any."""
    import numpy as np

    shape = (PICTURES, size, size, 3)
    return np.random.default_rng(0).integers(0, 255, shape, np.uint8)


def per_second(work: Callable[[], Any]) -> float:
    """Images per second of `work`, which does PICTURES; its first time is not counted."""
    work()
    taken, rounds = 0.0, 0
    while taken < SECONDS:
        taken += seconds(work)
        rounds += 1
    return rounds * PICTURES / taken


def seconds(work: Callable[[], Any]) -> float:
    """How long `work` takes once."""
    began = perf_counter()
    work()
    return perf_counter() - began

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

    # What takes PICTURES through a network once.
    Work = Callable[[], Any]

PICTURES = 128
BATCH = 32
TURNS = 9
# No more turns begin after this.
SECONDS = 30.0


def speeds_in_turns(works: Sequence[Work]) -> list[float]:
    """Images per second of each, which take at most TURNS turns: the medians.

    What else the machine does meanwhile slows one as it slows the others.
    """
    for work in works:
        # The first time traces and optimises.
        work()
    turns: list[list[float]] = []
    began = perf_counter()
    while not turns or (len(turns) < TURNS and perf_counter() - began < SECONDS):
        turns.append([PICTURES / seconds(work) for work in works])
    return [median(speeds) for speeds in zip(*turns, strict=True)]


def frozen_work(network: FrozenNetwork) -> Work:
    """The bare network, as the product runs it."""
    return partial(network.vectors, random_pixels(network.input_size))


def keras_works(model: keras.Model, input_size: int) -> tuple[Work, Work]:
    """The model by `tf.function` and by `model.predict`, in batches of BATCH."""
    tf = import_tensorflow()
    pixels = random_pixels(input_size)
    traced = tf.function(lambda batch: model(batch, training=False), autograph=False)

    def by_function() -> None:
        for start in range(0, PICTURES, BATCH):
            traced(tf.constant(pixels[start : start + BATCH])).numpy()

    def by_predict() -> None:
        model.predict(pixels, batch_size=BATCH, verbose=0)

    return by_function, by_predict


def random_pixels(size: int) -> NDArray[np.float32]:
    """PICTURES square pictures of noise: a network takes as long for any."""
    import numpy as np

    shape = (PICTURES, size, size, 3)
    return np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)


def seconds(work: Work) -> float:
    """How long `work` takes once."""
    began = perf_counter()
    work()
    return perf_counter() - began

"""Batches of views, drawn by step number so that a resumed run goes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.compact.corpus import Corpus

# The photographs are a ninth of all pictures but show more.
PHOTOS_PER_BATCH = 16
TINY_PER_BATCH = 8
# Of four small pictures each, which keep their sharpness in it.
MOSAICS_PER_BATCH = 8
BATCH_SIZE = PHOTOS_PER_BATCH + TINY_PER_BATCH + MOSAICS_PER_BATCH
# The smallest part of a picture that a crop may be, by area.
SMALLEST_PHOTO_CROP = 0.16
SMALLEST_TINY_CROP = 0.4
# A gallery asks for whole pictures, so these must not be rare.
WHOLE = 0.25
# How many views show a patch of another.
MIXED = 0.5


class Views(NamedTuple):
    """Sources as uint8, boxes to cut from them, and patches to take from the view before."""

    pictures: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    patches: NDArray[np.float32]


class Batch(NamedTuple):
    """Views of photographs and of small pictures, and the quarters of mosaics of such."""

    photos: Views
    tiny: Views
    quarters: Views


@dataclass(frozen=True)
class Source:
    """Pictures (n, s, s, 3) and the smallest part of one that a view shows."""

    pictures: NDArray[np.uint8]
    smallest_crop: float

    def draw(self, random: np.random.Generator, count: int) -> Views:
        """`count` random views. Half are mirrored; a share of MIXED has a patch of another.

        Such patches are those of Yun et al., "CutMix" (2019).
        """
        which = random.integers(len(self.pictures), size=count)
        boxes = random_boxes(random, count, self.smallest_crop)
        mirrored = random.random(count) < 0.5
        # A box whose right edge comes first is cut out mirrored.
        boxes[mirrored] = boxes[mirrored][:, [0, 3, 2, 1]]
        return Views(self.pictures[which], boxes, random_patches(random, count))


def random_boxes(random: np.random.Generator, count: int, smallest: float) -> NDArray[np.float32]:
    """Parts of pictures, (count, 4) y1, x1, y2, x2 in fractions; a share of WHOLE is all of it.

    Area and aspect are drawn as in Szegedy et al., "Going deeper with convolutions" (2015).
    """
    import numpy as np

    area = random.uniform(smallest, 1, count)
    aspect = np.exp(random.uniform(-0.25, 0.25, count))
    height, width = np.minimum(1, np.sqrt(area / aspect)), np.minimum(1, np.sqrt(area * aspect))
    top, left = random.uniform(0, 1 - height), random.uniform(0, 1 - width)
    boxes = np.stack([top, left, top + height, left + width], axis=1).astype(np.float32)
    boxes[random.random(count) < WHOLE] = 0, 0, 1, 1
    return boxes


def random_patches(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Parts of views, (count, 4) as boxes are; those that are not to be mixed have no area."""
    import numpy as np

    side = np.sqrt(random.uniform(0.15, 0.5, count)) * (random.random(count) < MIXED)
    top, left = random.uniform(0, 1 - side), random.uniform(0, 1 - side)
    return np.stack([top, left, top + side, left + side], axis=1).astype(np.float32)


class Batches:
    """Batches by their number, made in a thread beside the training."""

    def __init__(self, corpus: Corpus) -> None:
        self.photos = Source(corpus.photos, SMALLEST_PHOTO_CROP)
        self.tiny = Source(corpus.tiny, SMALLEST_TINY_CROP)

    def batch(self, step: int) -> Batch:
        """The batch of this step: the same in every run."""
        import numpy as np

        random = np.random.default_rng(step)
        return Batch(
            self.photos.draw(random, PHOTOS_PER_BATCH),
            self.tiny.draw(random, TINY_PER_BATCH),
            self.tiny.draw(random, 4 * MOSAICS_PER_BATCH),
        )

    def starting_at(self, step: int) -> Iterator[Batch]:
        """Batches from `step` on, for ever, a few ahead of whoever takes them."""
        ready: Queue[Batch] = Queue(maxsize=4)
        is_over = Event()
        Thread(target=self._produce, args=(step, ready, is_over), daemon=True).start()
        try:
            while True:
                yield ready.get()
        finally:
            is_over.set()
            with suppress(Empty):
                # A full queue would hold the thread for ever.
                ready.get_nowait()

    def _produce(self, step: int, ready: Queue[Batch], is_over: Event) -> None:
        while not is_over.is_set():
            ready.put(self.batch(step))
            step += 1

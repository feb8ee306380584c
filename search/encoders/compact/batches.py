"""Batches of views and their targets, drawn by step number so that a resumed run goes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

from search.encoders.compact.targets import Kind, TargetBank, pooled, unit_length

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.compact.schedule import Stage

# The photographs are a ninth of all pictures but show more, so they are a quarter of a batch.
TINY_PER_BATCH = 96
PHOTOS_PER_BATCH = 32
BATCH_SIZE = TINY_PER_BATCH + PHOTOS_PER_BATCH
ANCHORS = 2048
# The smallest part of a picture that a crop may be, by area.
SMALLEST_CROP: dict[Kind, float] = {"photos": 0.2, "tiny": 0.4}
# A gallery asks for whole pictures, so these must not be rare.
WHOLE = 0.25


class Batch(NamedTuple):
    """Sources as uint8, boxes to cut from them, targets of unit length, and anchor targets."""

    tiny: NDArray[np.uint8]
    tiny_boxes: NDArray[np.float32]
    photos: NDArray[np.uint8]
    photo_boxes: NDArray[np.float32]
    targets: NDArray[np.float32]
    anchors: NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """Pictures (n, s, s, 3), their feature maps (n, h, w, d) and what a crop of them may be."""

    pictures: NDArray[np.uint8]
    maps: NDArray[np.float16]
    smallest_crop: float

    def draw(
        self, random: np.random.Generator, count: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        """`count` random views, half of them mirrored: pictures, boxes, targets."""
        which = random.integers(len(self.pictures), size=count)
        boxes = random_boxes(random, count, self.smallest_crop)
        targets = pooled(self.maps[which], boxes)
        mirrored = random.random(count) < 0.5
        # A box whose right edge comes first is cut out mirrored.
        boxes[mirrored] = boxes[mirrored][:, [0, 3, 2, 1]]
        return self.pictures[which], boxes, targets

    @cached_property
    def wholes(self) -> NDArray[np.float32]:
        """The targets (n, d) of the whole pictures."""
        import numpy as np

        return unit_length(self.maps.mean(axis=(1, 2), dtype=np.float32))


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


def source(bank: TargetBank, kind: Kind, size: int) -> Source:
    """All that batches of this kind are drawn from; its maps are computed where they miss."""
    pictures = bank.corpus.tiny if kind == "tiny" else bank.corpus.photos_at(size)
    return Source(pictures, bank.maps(kind), SMALLEST_CROP[kind])


class Batches:
    """Batches of one stage, made in a thread beside the training."""

    def __init__(self, bank: TargetBank, stage: Stage) -> None:
        self.tiny = source(bank, "tiny", stage.size)
        self.photos = source(bank, "photos", stage.photo_size)

    def batch(self, step: int) -> Batch:
        """The batch of this step: the same in every run."""
        import numpy as np

        random = np.random.default_rng(step)
        tiny, tiny_boxes, tiny_targets = self.tiny.draw(random, TINY_PER_BATCH)
        photos, photo_boxes, photo_targets = self.photos.draw(random, PHOTOS_PER_BATCH)
        tiny_anchors = random.choice(self.tiny.wholes, ANCHORS * 3 // 4)
        photo_anchors = random.choice(self.photos.wholes, ANCHORS // 4)
        return Batch(
            tiny,
            tiny_boxes,
            photos,
            photo_boxes,
            np.concatenate([tiny_targets, photo_targets]),
            np.concatenate([tiny_anchors, photo_anchors]),
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

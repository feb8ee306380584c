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
# How many views show a patch of another.
MIXED = 0.5


class Views(NamedTuple):
    """Sources as uint8, boxes to cut from them, and patches to take from the view before."""

    pictures: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    patches: NDArray[np.float32]


class Batch(NamedTuple):
    """Views, their targets of unit length, and the targets of other pictures as anchors."""

    tiny: Views
    photos: Views
    targets: NDArray[np.float32]
    anchors: NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """Pictures (n, s, s, 3), their feature maps (n, h, w, d) and what a crop of them may be."""

    pictures: NDArray[np.uint8]
    maps: NDArray[np.float16]
    smallest_crop: float

    def draw(self, random: np.random.Generator, count: int) -> tuple[Views, NDArray[np.float32]]:
        """`count` random views and their targets. Half are mirrored, a share of MIXED is mixed.

        A mixed view has a patch of the view before it, and its target has that patch's share of
        what the teachers saw there: CutMix (Yun et al., 2019) with targets that know the place.
        """
        import numpy as np

        which = random.integers(len(self.pictures), size=count)
        boxes = random_boxes(random, count, self.smallest_crop)
        mirrored = random.random(count) < 0.5
        # A box whose right edge comes first is cut out mirrored.
        boxes[mirrored] = boxes[mirrored][:, [0, 3, 2, 1]]
        patches = random_patches(random, count)
        maps, inner = self.maps[which], inside(boxes, patches)
        gained = np.roll(pooled(maps, inside(boxes, np.roll(patches, -1, axis=0))), 1, axis=0)
        area = areas(patches)[:, None]
        sums = pooled(maps, boxes) + area * (gained - pooled(maps, inner))
        return Views(self.pictures[which], boxes, patches), unit_length(sums)

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


def random_patches(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Parts of views, (count, 4) as boxes are; those that are not to be mixed have no area."""
    import numpy as np

    side = np.sqrt(random.uniform(0.15, 0.5, count)) * (random.random(count) < MIXED)
    top, left = random.uniform(0, 1 - side), random.uniform(0, 1 - side)
    return np.stack([top, left, top + side, left + side], axis=1).astype(np.float32)


def inside(boxes: NDArray[np.float32], patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Which parts of the pictures the patches (n, 4) of their views `boxes` (n, 4) show."""
    import numpy as np

    start, end = boxes[:, :2], boxes[:, 2:]
    corners = [start + (end - start) * patches[:, i : i + 2] for i in (0, 2)]
    return np.concatenate(corners, axis=1)


def areas(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The areas (n,) of boxes (n, 4)."""
    sides = boxes[:, 2:] - boxes[:, :2]
    product: NDArray[np.float32] = sides.prod(axis=1)
    return product


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
        tiny, tiny_targets = self.tiny.draw(random, TINY_PER_BATCH)
        photos, photo_targets = self.photos.draw(random, PHOTOS_PER_BATCH)
        tiny_anchors = random.choice(self.tiny.wholes, ANCHORS * 3 // 4)
        photo_anchors = random.choice(self.photos.wholes, ANCHORS // 4)
        return Batch(
            tiny,
            photos,
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

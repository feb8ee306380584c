"""Batches of views and their targets, drawn by step number so that a resumed run goes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple

from search.encoders.compact.targets import Kind, TargetBank, view_boxes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.compact.schedule import Stage

# The photographs are a ninth of all pictures but show more, so they are a quarter of a batch.
TINY_PER_BATCH = 48
PHOTOS_PER_BATCH = 16
BATCH_SIZE = TINY_PER_BATCH + PHOTOS_PER_BATCH
ANCHORS = 2048
TRIMMED = 0.1


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
    """Pictures (n, s, s, 3), the boxes (v, n, 4) of their views and the targets (v, n, d)."""

    pictures: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    targets: NDArray[np.float16]

    def draw(
        self, random: np.random.Generator, count: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
        """`count` random views, half of them mirrored: pictures, boxes, targets."""
        import numpy as np

        which = random.integers(len(self.pictures), size=count)
        view = random.integers(len(self.boxes), size=count)
        boxes = trimmed(self.boxes[view, which], random)
        mirrored = random.random(count) < 0.5
        # A box whose right edge comes first is cut out mirrored.
        boxes[mirrored] = boxes[mirrored][:, [0, 3, 2, 1]]
        return self.pictures[which], boxes, self.targets[view, which].astype(np.float32)


def trimmed(boxes: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """The boxes (n, 4) with up to TRIMMED of their height and width cut off at each side.

    Cheap variety: what little is lost hardly changes what the teachers would say.
    """
    import numpy as np

    corners = boxes.reshape(-1, 2, 2)
    extent = corners[:, 1:] - corners[:, :1]
    cut = random.uniform(0, TRIMMED, corners.shape) * extent * np.array([[1], [-1]])
    inner: NDArray[np.float32] = (corners + cut).astype(np.float32).reshape(-1, 4)
    return inner


def source(bank: TargetBank, kind: Kind, views: int, size: int) -> Source:
    """All that batches of this kind are drawn from, its targets computed where they miss."""
    import numpy as np

    pictures = bank.corpus.tiny if kind == "tiny" else bank.corpus.photos_at(size)
    boxes = np.stack([view_boxes(kind, view, len(pictures)) for view in range(views)])
    return Source(pictures, boxes, bank.views(kind, views))


class Batches:
    """Batches of one stage, made in a thread beside the training."""

    def __init__(self, bank: TargetBank, stage: Stage) -> None:
        self.tiny = source(bank, "tiny", stage.tiny_views, stage.size)
        self.photos = source(bank, "photos", stage.photo_views, stage.photo_size)

    def batch(self, step: int) -> Batch:
        """The batch of this step: the same in every run."""
        import numpy as np

        random = np.random.default_rng(step)
        tiny, tiny_boxes, tiny_targets = self.tiny.draw(random, TINY_PER_BATCH)
        photos, photo_boxes, photo_targets = self.photos.draw(random, PHOTOS_PER_BATCH)
        _, _, tiny_anchors = self.tiny.draw(random, ANCHORS * 3 // 4)
        _, _, photo_anchors = self.photos.draw(random, ANCHORS // 4)
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

"""What the student must answer: the teachers' features of any part of any photograph.

The teachers look at each photograph once, as a whole, and their feature maps are kept. The target
of a crop is the mean of the map over it, so every crop has a target of its own at no cost: the
pooling of regions of He et al., "Mask R-CNN" (2017), put to the advice of Beyer et al.,
"Knowledge distillation: a good teacher is patient and consistent" (2022).

The features are centred, rotated onto their principal axes and half whitened: without any
whitening a few axes hold most of the length, with the whole of it noise counts as much as they.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from search.encoders.compact.corpus import Corpus
from search.encoders.compact.network import DIMENSIONS
from search.encoders.compact.teachers import TEACHER_BATCH, load_teachers
from search.encoders.whitening import principal_axes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.compact.teachers import Look

Kind = Literal["photos", "tiny"]

# A picture of 64 pixels says no more to a teacher at 224 than at 160, which is half the work.
TEACHER_SIZES: dict[Kind, int] = {"photos": 224, "tiny": 160}
# Of the small pictures, so many suffice to find the principal axes.
TINY_FOR_PROJECTION = 5000
WHITENING = 0.5


@dataclass(frozen=True)
class Projection:
    """Centre (n,) and axes (n, DIMENSIONS) that centre features, turn and half whiten them."""

    centre: NDArray[np.float32]
    axes: NDArray[np.float32]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """What (…, DIMENSIONS), not yet of unit length, becomes of features (…, n)."""
        import numpy as np

        return np.asarray((features - self.centre) @ self.axes, np.float32)


def fit_projection(features: NDArray[np.float32]) -> Projection:
    """Principal axes of `features`, each divided by its deviation to the power of WHITENING."""
    import numpy as np

    centre, variances, directions = principal_axes(features, DIMENSIONS)
    # Fewer pictures than axes leave some without any variance.
    scaled = directions / variances.clip(min=variances[0] * 1e-6) ** (WHITENING / 2)
    return Projection(centre.astype(np.float32), scaled.astype(np.float32))


def pooled(maps: NDArray[np.float16], boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    """The means (n, d) of maps (n, h, w, d) over boxes (n, 4) of y1, x1, y2, x2.

    Boxes are in fractions, of which either may come first; a cell counts by the share of it that
    lies inside. The mean over nothing is zero.
    """
    import numpy as np

    rows = _overlaps(boxes[:, 0], boxes[:, 2], maps.shape[1])
    columns = _overlaps(boxes[:, 1], boxes[:, 3], maps.shape[2])
    cells = (rows[:, :, None] * columns[:, None, :]).reshape(len(maps), 1, -1)
    means: NDArray[np.float32] = cells @ maps.reshape(len(maps), -1, maps.shape[3]).astype(
        np.float32
    )
    return means[:, 0]


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors (n, d), each scaled to a length of one."""
    import numpy as np

    scaled: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def _overlaps(
    one: NDArray[np.float32], other: NDArray[np.float32], count: int
) -> NDArray[np.float32]:
    """Which share of the way from one to the other lies in each of `count` equal cells of 0..1."""
    import numpy as np

    start, end = np.minimum(one, other)[:, None], np.maximum(one, other)[:, None]
    edges = np.linspace(0, 1, count + 1, dtype=np.float32)
    inside = np.minimum(end, edges[1:]) - np.maximum(start, edges[:-1])
    shares: NDArray[np.float32] = inside.clip(min=0) / np.maximum(end - start, 1e-9)
    return shares


class TargetBank:
    """The teachers' projected feature maps on disk; what was computed once stays."""

    def __init__(self, folder: Path, corpus: Corpus, data: Path) -> None:
        self.folder = folder
        self.corpus = corpus
        self.data = data
        folder.mkdir(parents=True, exist_ok=True)

    def maps(self, kind: Kind) -> NDArray[np.float16]:
        """The maps (n, h, w, DIMENSIONS) of all pictures of this kind; computed if missing."""
        import numpy as np

        path = self.folder / f"maps-{kind}.npy"
        if not path.exists():
            projection = self._projection()
            looks = self._looks(kind, self._pictures(kind))
            _save(path, np.concatenate([projection(maps).astype(np.float16) for maps in looks]))
        maps: NDArray[np.float16] = np.load(path)
        return maps

    def _projection(self) -> Projection:
        import numpy as np

        path = self.folder / "projection.npy"
        if not path.exists():
            fitted = fit_projection(
                np.concatenate([*self._sampled("photos"), *self._sampled("tiny")])
            )
            _save(path, np.concatenate([fitted.centre[None], fitted.axes.T]))
        stored = np.load(path)
        return Projection(stored[0], stored[1:].T)

    def _sampled(self, kind: Kind) -> Iterator[NDArray[np.float32]]:
        """The features (n, 2560) of every photograph, or of some of the small pictures."""
        pictures = self._pictures(kind)
        step = max(1, len(pictures) // TINY_FOR_PROJECTION) if kind == "tiny" else 1
        for maps in self._looks(kind, pictures[::step]):
            yield maps.mean(axis=(1, 2))

    def _pictures(self, kind: Kind) -> NDArray[np.uint8]:
        return self.corpus.photos if kind == "photos" else self.corpus.tiny

    def _looks(self, kind: Kind, pictures: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
        size = pictures.shape[1]
        look = load_teachers(self.data, source_size=size, teacher_size=TEACHER_SIZES[kind])
        return in_batches(look, pictures, kind)


def in_batches(look: Look, pictures: NDArray[np.uint8], name: str) -> Iterator[NDArray[np.float32]]:
    """What the teachers see in every picture, with a progress bar; the last batch is filled up."""
    import numpy as np
    from tqdm import tqdm

    starts = range(0, len(pictures), TEACHER_BATCH)
    for start in tqdm(starts, desc=f"teachers: {name}", mininterval=10, maxinterval=30):
        chosen = np.arange(start, start + TEACHER_BATCH).clip(max=len(pictures) - 1)
        yield look(pictures[chosen])[: len(pictures) - start]


def _save(path: Path, array: NDArray[np.generic]) -> None:
    """Whole or not at all: an interrupted run must not leave half a file."""
    import numpy as np

    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.save(file, array)
    partial.replace(path)

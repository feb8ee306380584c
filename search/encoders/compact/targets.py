"""What the student must answer: the teachers' features of fixed views of every photograph.

View 0 of a photograph is the whole of it, every further view a crop that depends on nothing but
its number, so the teachers look at each view once and the student sees nearly what they saw.
Their features are centred, rotated onto their principal axes and half whitened: without any
whitening a few axes hold most of the length, with the whole of it noise counts as much as they.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from search.encoders.compact.corpus import Corpus
from search.encoders.compact.network import DIMENSIONS
from search.encoders.compact.teachers import TEACHER_BATCH, TEACHER_WIDTH, load_teachers

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["photos", "tiny"]

# A picture of 64 pixels says no more to a teacher at 224 than at 160, which is half the work.
TEACHER_SIZES: dict[Kind, int] = {"photos": 224, "tiny": 160}
SMALLEST_CROP: dict[Kind, float] = {"photos": 0.3, "tiny": 0.5}
WHITENING = 0.5


def view_boxes(kind: Kind, view: int, count: int) -> NDArray[np.float32]:
    """The part each of `count` pictures shows in `view`: (count, 4) y1, x1, y2, x2 fractions.

    Area and aspect are drawn as in Szegedy et al., "Going deeper with convolutions" (2015).
    """
    import numpy as np

    if view == 0:
        return np.tile(np.array([0, 0, 1, 1], np.float32), (count, 1))
    random = np.random.default_rng([view, len(kind)])
    area = random.uniform(SMALLEST_CROP[kind], 1, count)
    aspect = np.exp(random.uniform(-0.25, 0.25, count))
    height, width = np.minimum(1, np.sqrt(area / aspect)), np.minimum(1, np.sqrt(area * aspect))
    top, left = random.uniform(0, 1 - height), random.uniform(0, 1 - width)
    return np.stack([top, left, top + height, left + width], axis=1).astype(np.float32)


@dataclass(frozen=True)
class Projection:
    """Centre (2560,) and axes (2560, DIMENSIONS) that turn the teachers' features to targets."""

    centre: NDArray[np.float32]
    axes: NDArray[np.float32]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Targets of unit length, (n, DIMENSIONS), for features (n, 2560)."""
        import numpy as np

        projected = (features - self.centre) @ self.axes
        unit: NDArray[np.float32] = projected / np.linalg.norm(projected, axis=1, keepdims=True)
        return unit


def fit_projection(features: NDArray[np.float16]) -> Projection:
    """Principal axes of `features`, each divided by its deviation to the power of WHITENING."""
    import numpy as np

    centre = features.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((features.shape[1],) * 2)
    for start in range(0, len(features), 4096):
        centred = features[start : start + 4096].astype(np.float64) - centre
        covariance += centred.T @ centred
    variances, axes = np.linalg.eigh(covariance / len(features))
    variances, axes = variances[::-1][:DIMENSIONS], axes[:, ::-1][:, :DIMENSIONS]
    scaled = axes / variances ** (WHITENING / 2)
    return Projection(centre.astype(np.float32), scaled.astype(np.float32))


class TargetBank:
    """Targets on disk, one file a view; what was computed once is never computed again."""

    def __init__(self, folder: Path, corpus: Corpus, data: Path) -> None:
        self.folder = folder
        self.corpus = corpus
        self.data = data
        folder.mkdir(parents=True, exist_ok=True)

    def views(self, kind: Kind, count: int) -> NDArray[np.float16]:
        """The targets of the first `count` views, (count, n, DIMENSIONS); computes the missing."""
        import numpy as np

        return np.stack([self._view(kind, view) for view in range(count)])

    def _view(self, kind: Kind, view: int) -> NDArray[np.float16]:
        import numpy as np

        path = self.folder / f"{kind}-{view}.npy"
        if not path.exists():
            projection = self._projection()
            features = self._features(kind, view)
            _save(path, projection(features.astype(np.float32)).astype(np.float16))
        return _load(path)

    def _projection(self) -> Projection:
        import numpy as np

        path = self.folder / "projection.npy"
        if not path.exists():
            whole = [self._features(kind, 0) for kind in ("photos", "tiny")]
            fitted = fit_projection(np.concatenate(whole))
            _save(path, np.concatenate([fitted.centre[None], fitted.axes.T]))
        stored = np.load(path)
        return Projection(stored[0], stored[1:].T)

    def _features(self, kind: Kind, view: int) -> NDArray[np.float16]:
        """The teachers' features (n, 2560), kept for view 0, which projection and targets need."""
        path = self.folder / f"features-{kind}-{view}.npy"
        if path.exists():
            return _load(path)
        pictures = getattr(self.corpus, kind)
        teachers = load_teachers(
            self.data, source_size=pictures.shape[1], teacher_size=TEACHER_SIZES[kind]
        )
        boxes = view_boxes(kind, view, len(pictures))
        features = in_batches(teachers, pictures, boxes, f"{kind}, view {view}")
        if view == 0:
            _save(path, features)
        return features


def in_batches(
    teachers: Callable[..., NDArray[np.float32]],
    pictures: NDArray[np.uint8],
    boxes: NDArray[np.float32],
    name: str,
) -> NDArray[np.float16]:
    """What the teachers say of every picture, with a progress bar; the last batch is filled up."""
    import numpy as np
    from tqdm import tqdm

    features = np.empty((len(pictures), TEACHER_WIDTH), np.float16)
    starts = range(0, len(pictures), TEACHER_BATCH)
    for start in tqdm(starts, desc=f"teachers: {name}", mininterval=10, maxinterval=30):
        chosen = np.arange(start, start + TEACHER_BATCH).clip(max=len(pictures) - 1)
        rows = np.asarray(teachers(pictures[chosen], boxes[chosen]))
        features[chosen] = rows
    return features


def _load(path: Path) -> NDArray[np.float16]:
    import numpy as np

    array: NDArray[np.float16] = np.load(path)
    return array


def _save(path: Path, array: NDArray[np.generic]) -> None:
    """Whole or not at all: an interrupted run must not leave half a file."""
    import numpy as np

    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.save(file, array)
    partial.replace(path)

"""`compact` beside what it should be measured against, on the same images by the same protocol.

`manage.py yardsticks DATA` prints the table for DATA/objects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.encoders.compact import network
from search.encoders.compact.encoder import CompactEncoder
from search.encoders.compact.teachers import TEACHERS, pooled_network
from search.encoders.frozen import FrozenNetwork
from search.encoders.pictures import square_pixels
from search.encoders.tensorflow import import_tensorflow
from search.evaluation import Encodes, evaluate_directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from search.encoders.base import Pixels

FIGURES = (
    "encoder",
    "images",
    "classes",
    "map",
    "precision_at_1",
    "precision_at_5",
    "recall_at_10",
    "images_per_second",
)
TEACHER_SIZE = 224
TEACHER_TITLES = dict(
    zip(TEACHERS, ("EfficientNet-Lite0, ImageNet", "MobileNetV2, ImageNet"), strict=True)
)


@dataclass(frozen=True)
class Yardstick:
    """A name and a way from square pictures, RGB in 0..255 (n, s, s, 3), to unit vectors (n, d)."""

    name: str
    input_size: int
    vectors: Callable[[NDArray[np.float32]], NDArray[np.float32]]

    def encode(self, images: Sequence[Image | Pixels]) -> NDArray[np.float32]:
        """Unit-length vectors, (len(images), d)."""
        import numpy as np

        return self.vectors(np.stack([square_pixels(image, self.input_size) for image in images]))


def yardsticks(data: Path, folder: Path) -> Iterator[Encodes]:
    """One after the other, so that no two networks are in memory at once.

    `compact` has the weights in `folder`.
    """
    import_tensorflow()
    import keras

    yield CompactEncoder(folder)
    for file, title in TEACHER_TITLES.items():
        yield _of_network(title, pooled_network(data, TEACHER_SIZE, [file]), TEACHER_SIZE)
    yield _of_network("both, concatenated", pooled_network(data, TEACHER_SIZE), TEACHER_SIZE)
    yield Yardstick("colour histogram", TEACHER_SIZE, colour_histograms)
    # The same random ones each time.
    keras.utils.set_random_seed(1)
    random = network.build(network.INPUT_SIZE)
    yield _of_network("compact, random weights", random, network.INPUT_SIZE)


def measure(data: Path, folder: Path) -> list[dict[str, Any]]:
    """The FIGURES of every yardstick on `data`/objects, as `evaluate_retrieval --json` has them.

    `compact` has the weights in `folder`.
    """
    networks = yardsticks(data, folder)
    told = [evaluate_directory(data / "objects", each).as_json() for each in networks]
    return [{name: figures[name] for name in FIGURES} for figures in told]


def markdown_table(figures: list[dict[str, Any]]) -> str:
    """The figures as a table for a README."""
    head = ["network", "mAP", "P@1", "P@5", "R@10", "images/s"]
    keys = ["encoder", "map", "precision_at_1", "precision_at_5", "recall_at_10"]
    rows = [
        [*(str(figure[key]) for key in keys), f"{figure['images_per_second']:.0f}"]
        for figure in figures
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def colour_histograms(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Square roots of 4 x 4 x 4 colour frequencies, (n, 64): Euclidean becomes Hellinger."""
    import numpy as np

    bins = (pixels.astype(np.uint8) // 64).reshape(len(pixels), -1, 3) @ np.array([16, 4, 1])
    counts = np.stack([np.bincount(row, minlength=64) for row in bins])
    lengths = np.sqrt(counts / counts.sum(axis=1, keepdims=True))
    frequencies: NDArray[np.float32] = lengths.astype(np.float32)
    return frequencies


def _of_network(name: str, model: Any, size: int) -> Yardstick:
    return Yardstick(name, size, FrozenNetwork(model, size).vectors)

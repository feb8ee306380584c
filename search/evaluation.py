"""How well an encoder finds images of the same class in a labelled directory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gallery.decoding import UndecodableImage
from search.encoders.pictures import open_for_encoding
from search.metrics import RetrievalQuality, retrieval_quality

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

BATCH_SIZE = 32

# Wraps the files on their way, as tqdm does.
Progress = Callable[[Sequence["Labelled"]], Iterable["Labelled"]]


class EvaluationError(Exception):
    """The directory can't be evaluated; the message says what is missing."""


class Encodes(Protocol):
    """What is asked of a network to be measured; every `Encoder` has it."""

    @property
    def name(self) -> str: ...

    @property
    def input_size(self) -> int: ...

    def encode(self, images: Sequence[Image]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Labelled:
    """A file and the class it is of: the name of the folder it lies in."""

    path: Path
    label: str


@dataclass(frozen=True)
class Evaluation:
    """What was measured, of how many images; `images_per_second` from file to vector."""

    encoder: str
    images: int
    classes: int
    quality: RetrievalQuality
    images_per_second: float
    unreadable: list[tuple[Path, str]]

    def as_json(self) -> dict[str, Any]:
        """The figures under the names in which they are printed and compared."""
        return {
            "encoder": self.encoder,
            "images": self.images,
            "classes": self.classes,
            "map": round(self.quality.mean_average_precision, 4),
            "precision_at_1": round(self.quality.precision_at_1, 4),
            "precision_at_5": round(self.quality.precision_at_5, 4),
            "recall_at_10": round(self.quality.recall_at_10, 4),
            "images_per_second": round(self.images_per_second, 1),
        }


def evaluate_directory(folder: Path, encoder: Encodes, progress: Progress = iter) -> Evaluation:
    """Encode the images of `folder`, one folder a class, and rank each against all others.

    Files that can't be read are left out and named in the result. Raises EvaluationError when
    there is nothing to compare.
    """
    files = labelled_files(folder)
    warm_up(encoder)
    started = time.perf_counter()
    kept, vectors, unreadable = encode_files(progress(files), encoder)
    seconds = time.perf_counter() - started
    labels = [file.label for file in kept]
    if len(set(labels)) < 2:
        raise EvaluationError(
            f"{folder} has images of {len(set(labels))} class(es); at least two are needed,"
            " each in a folder of its own."
        )
    quality = retrieval_quality(vectors, labels)
    if not quality.queries:
        raise EvaluationError(f"{folder} has no class of two or more readable images.")
    return Evaluation(
        encoder.name, len(kept), len(set(labels)), quality, len(kept) / seconds, unreadable
    )


def labelled_files(folder: Path) -> list[Labelled]:
    """The files one folder below `folder`, by name; hidden ones are none of ours."""
    if not folder.is_dir():
        raise EvaluationError(f"{folder} is not a directory.")
    files = [
        Labelled(path, path.parent.name)
        for path in sorted(folder.glob("[!.]*/[!.]*"))
        if path.is_file()
    ]
    if not files:
        raise EvaluationError(f"{folder} holds no folder with images: one a class is needed.")
    return files


def warm_up(encoder: Encodes) -> None:
    """Encode one picture unmeasured: a network compiles itself at its first."""
    from PIL import Image

    encoder.encode([Image.new("RGB", (encoder.input_size,) * 2)] * BATCH_SIZE)


def encode_files(
    files: Iterable[Labelled], encoder: Encodes
) -> tuple[list[Labelled], NDArray[np.float32], list[tuple[Path, str]]]:
    """Those that could be read, their vectors (n, d), and the others with the reason."""
    import numpy as np

    kept: list[Labelled] = []
    vectors: list[NDArray[np.float32]] = []
    unreadable: list[tuple[Path, str]] = []
    batch: list[Image] = []
    for file in files:
        try:
            batch.append(open_for_encoding(file.path, encoder.input_size))
            kept.append(file)
        except (UndecodableImage, OSError) as error:
            unreadable.append((file.path, str(error)))
        if len(batch) == BATCH_SIZE:
            vectors.append(encoder.encode(batch))
            batch = []
    if batch:
        vectors.append(encoder.encode(batch))
    return kept, np.concatenate(vectors) if vectors else np.empty((0, 0), np.float32), unreadable

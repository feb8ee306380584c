"""How well an encoder tells the classes of a labelled directory apart, and how fast it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gallery.decoding import UndecodableImage
from search.encoders.pictures import open_squeezed
from search.figures import Quality
from search.measuring import LabelledVectors, Measuring, NothingToFind, measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    from search.encoders.base import Pixels

BATCH_SIZE = 32
LATENCY_SAMPLE = 50

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

    def encode(self, images: Sequence[Image | Pixels]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Labelled:
    """A file and the class it is of: the name of the folder it lies in."""

    path: Path
    label: str


@dataclass(frozen=True)
class Latency:
    """Milliseconds within which half, and 95 of 100, single images went from file to vector."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Speed:
    """From file to vector: of batches, and of single images."""

    images_per_second: float
    latency: Latency


@dataclass(frozen=True)
class Evaluation:
    """What was measured, of how many images that ask and how many candidates that answer.

    There is no speed where vectors were stored already; `without_vector` had none. `marks` are
    the judgements it is by, where there are no classes.
    """

    encoder: str
    images: int
    candidates: int
    classes: int
    quality: Quality
    speed: Speed | None = None
    without_vector: int = 0
    marks: int = 0
    unreadable: list[tuple[Path, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The figures under the names in which they are printed and compared."""
        main = ("map", "precision_at_1", "precision_at_5", "recall_at_10")
        return {
            "encoder": self.encoder,
            "images": self.images,
            "classes": self.classes,
            **{name: round(self.quality.retrieval[name].value, 4) for name in main},
            "images_per_second": self.speed and round(self.speed.images_per_second, 1),
            "latency_ms": self.speed
            and {
                "p50": round(self.speed.latency.p50, 2),
                "p95": round(self.speed.latency.p95, 2),
            },
            "candidates": self.candidates,
            "without_vector": self.without_vector,
            "marks": self.marks,
            **self.quality.as_json(),
        }


def evaluate_directory(
    folder: Path,
    encoder: Encodes,
    progress: Progress = iter,
    measuring: Measuring = Measuring(),
) -> Evaluation:
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
    try:
        quality = measure(LabelledVectors.of_one_class(vectors, labels), measuring=measuring)
    except NothingToFind:
        raise EvaluationError(f"{folder} has no class of two or more readable images.") from None
    return Evaluation(
        encoder=encoder.name,
        images=len(kept),
        candidates=len(kept),
        classes=len(set(labels)),
        quality=quality,
        speed=Speed(len(kept) / seconds, measure_latency(kept, encoder)),
        unreadable=unreadable,
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


def measure_latency(files: Sequence[Labelled], encoder: Encodes) -> Latency:
    """Encode up to LATENCY_SAMPLE of the files, from all over, one at a time."""
    import numpy as np

    sample = files[:: max(1, len(files) // LATENCY_SAMPLE)][:LATENCY_SAMPLE]
    # A network compiles itself for one picture too.
    encode_files(sample[:1], encoder)
    times = []
    for file in sample:
        started = time.perf_counter()
        encode_files([file], encoder)
        times.append((time.perf_counter() - started) * 1000)
    return Latency(*np.percentile(times, (50, 95)).tolist())


def encode_files(
    files: Iterable[Labelled], encoder: Encodes
) -> tuple[list[Labelled], NDArray[np.float32], list[tuple[Path, str]]]:
    """Those that could be read, their vectors (n, d), and the others with the reason."""
    import numpy as np

    kept: list[Labelled] = []
    vectors: list[NDArray[np.float32]] = []
    unreadable: list[tuple[Path, str]] = []
    batch: list[Pixels] = []
    for file in files:
        try:
            batch.append(open_squeezed(file.path, encoder.input_size))
            kept.append(file)
        except (UndecodableImage, OSError) as error:
            unreadable.append((file.path, str(error)))
        if len(batch) == BATCH_SIZE:
            vectors.append(encoder.encode(batch))
            batch = []
    if batch:
        vectors.append(encoder.encode(batch))
    return kept, np.concatenate(vectors) if vectors else np.empty((0, 0), np.float32), unreadable

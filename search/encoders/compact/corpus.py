"""The photographs that `compact` learns from, held in memory as square pixels."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

PHOTO_SIZE = 160
TINY_SIZE = 64
# A folder of pictures that each show something else; in all others lie those of one class.
SAMPLES = "samples"


class CorpusError(Exception):
    """The data directory does not hold what training needs; the message says what is missing."""


@dataclass(frozen=True)
class Corpus:
    """uint8 RGB: photos (n, 160, 160, 3) and tiny (m, 64, 64, 3), each squeezed to a square.

    `photo_classes` (n,) names what each photo shows: its folder, or for one of SAMPLES itself.
    """

    photos: NDArray[np.uint8]
    tiny: NDArray[np.uint8]
    photo_classes: NDArray[np.str_]


def read_corpus(data: Path) -> Corpus:
    """Everything in `data`/train/photos-*.tar and `data`/train/tiny-*.tar, in a fixed order."""
    folder = data / "train"
    photos, photo_classes = _read_tars(folder, "photos-*.tar", PHOTO_SIZE)
    tiny, _ = _read_tars(folder, "tiny-*.tar", TINY_SIZE)
    return Corpus(photos, tiny, photo_classes)


def _read_tars(folder: Path, pattern: str, size: int) -> tuple[NDArray[np.uint8], NDArray[np.str_]]:
    """The pixels (n, size, size, 3) of every picture, and the name (n,) of its class."""
    import numpy as np

    tars = sorted(folder.glob(pattern))
    if not tars:
        raise CorpusError(f"No file {pattern} in {folder}.")
    pixels, classes = zip(*(square for tar in tars for square in _squares(tar, size)), strict=True)
    return np.stack(pixels), np.array(classes)


def _squares(path: Path, size: int) -> Iterator[tuple[NDArray[np.uint8], str]]:
    import numpy as np

    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is None:
                continue
            try:
                with Image.open(io.BytesIO(file.read())) as image:
                    square = image.convert("RGB").resize((size, size), Image.Resampling.LANCZOS)
            except (UnidentifiedImageError, OSError) as error:
                raise CorpusError(f"{path.name}: {member.name} cannot be read: {error}") from error
            yield np.asarray(square), _class_of(PurePosixPath(member.name))


def _class_of(picture: PurePosixPath) -> str:
    return str(picture if picture.parent.name == SAMPLES else picture.parent)

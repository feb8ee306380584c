"""Stored images as a network wants them: upright, on white, decoded no larger than needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from PIL import Image

from gallery.decoding import emptied, opened_upright, rgb_on_white

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# A JPEG decoded smaller than it is is not quite what the network's own scaling makes of the whole.
# From six times the network's size on, what is left is rounding: a pixel in a hundred is another by
# one. tests/encoders/test_same_vector.py says how far that moves a vector.
DETAIL = 6


@contextmanager
def opened_for_encoding(file: IO[bytes], input_size: int) -> Iterator[Image.Image]:
    """The picture in RGB, upright, its transparent parts white; of an animation its first frame.

    Where it takes less time it is decoded to no less than DETAIL times `input_size` pixels a side,
    and the vector stays what it would be.
    Raises UndecodableImage; a file that can't be read at all is the caller's OSError.
    """
    with (
        opened_upright(file, DETAIL * input_size) as image,
        emptied(rgb_on_white(image)) as picture,
    ):
        yield picture


def open_squeezed(file: IO[bytes] | Path, input_size: int) -> Image.Image:
    """The same as a network of that size sees it, so that many of them take little memory."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return open_squeezed(opened, input_size)
    with opened_for_encoding(file, input_size) as image:
        return squeezed(image, input_size)


def squeezed(image: Image.Image, size: int) -> Image.Image:
    """The whole image as a square in RGB, nothing cut off; a square of that size as it is."""
    return rgb_on_white(image).resize((size, size), Image.Resampling.BILINEAR)


def square_pixels(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """uint8 RGB (size, size, 3) of the image, squeezed."""
    import numpy as np

    return np.asarray(squeezed(image, size))

"""Stored images as a network wants them: upright, on white, decoded no larger than needed."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

from PIL import Image

from gallery.decoding import open_upright, rgb_on_white

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# A picture shrunk on the way is not quite what the network's own scaling makes of the whole one.
# From six times the network's size on, what is left is rounding: a pixel in a hundred is another by
# one. tests/encoders/test_same_vector.py says how far that moves a vector.
DETAIL = 6


def open_for_encoding(file: IO[bytes] | Path, input_size: int) -> Image.Image:
    """The picture in RGB, upright, its transparent parts white; of an animation its first frame.

    It is decoded, or shrunk at once, to no less than DETAIL times `input_size` pixels a side where
    it has as many: that spares time and memory, and the vector stays what it would be.
    Raises UndecodableImage; a file that can't be read at all is the caller's OSError.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return open_for_encoding(opened, input_size)
    least = DETAIL * input_size
    return _shrunk(rgb_on_white(open_upright(file, least)), least)


def square_pixels(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """uint8 RGB (size, size, 3): the whole image squeezed to a square, nothing cut off."""
    import numpy as np

    square = rgb_on_white(image).resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(square)


def _shrunk(image: Image.Image, least: int) -> Image.Image:
    factor = min(image.size) // least
    return image.reduce(factor) if factor > 1 else image

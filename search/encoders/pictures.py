"""Stored images as a network wants them: upright, on white, decoded no larger than needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from PIL import Image

from gallery.decoding import bands, emptied, opened_upright, rgb_on_white

if TYPE_CHECKING:
    from search.encoders.base import Pixels


# A JPEG decoded smaller than it is is not quite what the network's own scaling makes of the whole.
# From six times the network's size on, what is left is the rounding of what was decoded: pixels are
# others by a twentieth. tests/encoders/test_same_vector.py says how far that moves a vector.
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


def open_squeezed(file: IO[bytes] | Path, input_size: int) -> Pixels:
    """The same as a network of that size sees it, so that many of them take little memory."""
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return open_squeezed(opened, input_size)
    with opened_for_encoding(file, input_size) as image:
        return square_pixels(image, input_size)


def square_pixels(image: Image.Image | Pixels, size: int) -> Pixels:
    """The whole image squeezed to a square, nothing cut off: float32 RGB (size, size, 3), 0..255.

    Not rounded: of what a photograph decoded smaller moves a vector, rounding would be the most.
    Pixels of that size are what they are.
    """
    import numpy as np

    if isinstance(image, np.ndarray):
        return image
    whole = rgb_on_white(image)
    narrow = [Image.new("F", (size, image.height)) for _ in whole.getbands()]
    # Pillow computes with more digits in single channels only, and these at once take much memory.
    for box in bands(whole):
        for channel, pixels in zip(narrow, whole.crop(box).split(), strict=True):
            rows = (size, box[3] - box[1])
            channel.paste(pixels.convert("F").resize(rows, Image.Resampling.BILINEAR), box[:2])
    square = [channel.resize((size, size), Image.Resampling.BILINEAR) for channel in narrow]
    return np.stack([np.asarray(channel) for channel in square], axis=-1)

"""Stored images as a network wants them: upright, on white, decoded no larger than needed."""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from gallery.decoding import UndecodableImage, reason_for
from search.encoders.truncation import is_cut_off

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

pillow_heif.register_heif_opener()
# What is stored passed the door's own limit; ours is only against files from elsewhere.
Image.MAX_IMAGE_PIXELS = None
MOST_PIXELS = 500_000_000

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF")


def open_for_encoding(file: IO[bytes] | Path, input_size: int) -> Image.Image:
    """The picture in RGB, upright, its transparent parts white; of an animation its first frame.

    It is decoded, or shrunk at once, to no less than twice `input_size` pixels a side where it
    has as many, which spares time and memory and leaves the network's own scaling its detail.
    Raises UndecodableImage; a file that can't be read at all is the caller's OSError.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return open_for_encoding(opened, input_size)
    least = 2 * input_size
    try:
        with Image.open(file, formats=FORMATS) as image:
            image.draft(None, (least, least))
            _refuse_bomb(image)
            image.load()
            return _shrunk(rgb_on_white(_upright(image)), least)
    # Damaged pixels raise nearly anything, depending on the format.
    except Exception as error:
        if getattr(error, "errno", None) is not None:
            # The disk or the network failed, not the picture.
            raise
        raise UndecodableImage(_explanation(error, file)) from error


def square_pixels(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """uint8 RGB (size, size, 3): the whole image squeezed to a square, nothing cut off."""
    import numpy as np

    square = rgb_on_white(image).resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(square)


def rgb_on_white(image: Image.Image) -> Image.Image:
    """The image in RGB whatever its mode, laid on white where it is transparent."""
    if image.mode == "RGB":
        return image
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGB")
    return image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """A picture of 16 or 32 bits a pixel in 8; 32 bits have no white, so the brightest is it."""
    import numpy as np

    values = np.asarray(image, np.float64)
    is_16_bit = image.mode.startswith("I;16")
    low, high = (0, 65535) if is_16_bit else (values.min(), values.max())
    return Image.fromarray(np.uint8((values - low) * (255 / ((high - low) or 1))))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Unreadable metadata are no reason to refuse a readable picture.
        return image


def _shrunk(image: Image.Image, least: int) -> Image.Image:
    factor = min(image.size) // least
    return image.reduce(factor) if factor > 1 else image


def _refuse_bomb(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise UndecodableImage(
            f"The image claims {image.width} × {image.height} pixels, too many to decode safely."
        )


def _explanation(error: Exception, file: IO[bytes]) -> str:
    if isinstance(error, EOFError) or is_cut_off(file):
        return "The file ends too early: it was probably cut off while being copied."
    if isinstance(error, UnidentifiedImageError):
        return "The file is not an image, or its beginning is damaged."
    return reason_for(error)

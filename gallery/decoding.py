"""Decoding the pixels of image files. Whatever is wrong with one is told in a sentence."""

import os
from typing import IO

from django.utils.translation import gettext, gettext_noop
from PIL import Image, ImageOps, UnidentifiedImageError

from gallery.imagefile import SUFFIXES
from gallery.truncation import is_cut_off

# Bytes a pixel: photographs have more, drawings and screenshots less. These are decoded quickly as
# they are, and where they are flat, decoding them smaller would move whole areas by a step.
LEAST_BYTES_A_PIXEL = 0.1
# What is stored passed the door's own limit; this is only against files from elsewhere.
MOST_PIXELS = 500_000_000
CUT_OFF = gettext_noop("The file ends too early: it was probably cut off while being copied.")


class UndecodableImage(Exception):
    """The file's pixels can't be read. The message is for the person whose image it is."""


def open_upright(file: IO[bytes], at_least: int) -> Image.Image:
    """Return the first frame, decoded and with its EXIF orientation applied.

    A photograph as JPEG may come smaller than it is, each side still at least `at_least` pixels
    where the original's is: decoding a half, a quarter or an eighth is that much less work.
    Raises UndecodableImage; a file that can't be read at all is the caller's OSError.
    """
    try:
        with Image.open(file, formats=list(SUFFIXES)) as image:
            if bytes_a_pixel(file, image) >= LEAST_BYTES_A_PIXEL:
                image.draft(None, (at_least, at_least))
            refuse_bomb(image)
            image.load()
            return upright(image)
    # Damaged pixels raise nearly anything, depending on the format.
    except Exception as error:
        if getattr(error, "errno", None) is not None:
            # The disk or the network failed, not the picture.
            raise
        raise UndecodableImage(explain(error, file)) from error


def bytes_a_pixel(file: IO[bytes], image: Image.Image) -> float:
    position = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(position)
    return size / (image.width * image.height)


def refuse_bomb(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        text = gettext("The image claims %(size)s pixels, too many to decode safely.")
        raise UndecodableImage(text % {"size": f"{image.width} × {image.height}"})


def upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:
        # Unreadable metadata are no reason to refuse a readable picture.
        return image


def explain(error: Exception, file: IO[bytes]) -> str:
    if isinstance(error, EOFError) or "truncated" in str(error) or is_cut_off(file):
        return gettext(CUT_OFF)
    if isinstance(error, UnidentifiedImageError):
        return gettext("The file is not an image, or its beginning is damaged.")
    return reason_for(error)


def reason_for(error: Exception) -> str:
    """What to tell the person whose image failed."""
    if isinstance(error, UndecodableImage):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return gettext("The image's file is missing in storage.")
    if isinstance(error, MemoryError):
        return gettext("The image is too large for this machine's memory.")
    text = gettext("The image is damaged and can't be decoded (%(error)s).")
    return text % {"error": error}


def rgb_on_white(image: Image.Image) -> Image.Image:
    """The image in RGB whatever its mode, laid on white where it is transparent."""
    if image.mode == "RGB":
        return image
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    if image.mode.startswith(("I", "F")):
        return in_eight_bits(image).convert("RGB")
    return image.convert("RGB")


def in_eight_bits(image: Image.Image) -> Image.Image:
    """A picture of 16 or 32 bits a pixel in 8; 32 bits have no white, so the brightest is it."""
    low, high = 0.0, 65535.0
    if not image.mode.startswith("I;16"):
        low, high = image.getextrema()  # type: ignore[assignment] # one channel has one pair
    deep = image if image.mode == "F" else image.convert("I").convert("F")
    scale = 255 / ((high - low) or 1)
    return deep.point(lambda value: value * scale + -low * scale).convert("L")

"""Decoding the pixels of stored images. Whatever is wrong with a file is told in one sentence."""

from typing import IO

from PIL import Image, ImageOps

import gallery.imagefile  # noqa: F401 - registers the formats that Pillow does not read itself


class UndecodableImage(Exception):
    """The file's pixels can't be read. The message is for the person whose image it is."""


def open_upright(file: IO[bytes], at_least: int) -> Image.Image:
    """Return the first frame, decoded and with its EXIF orientation applied.

    A JPEG may come smaller than it is, each side still at least `at_least` pixels where the
    original's is: decoding a half, a quarter or an eighth of the pixels is that much less work.
    Raises UndecodableImage.
    """
    try:
        with Image.open(file) as image:
            image.draft(None, (at_least, at_least))
            image.load()
            return ImageOps.exif_transpose(image)
    # Damaged pixels raise nearly anything, depending on the format.
    except Exception as error:
        raise UndecodableImage(reason_for(error)) from error


def reason_for(error: Exception) -> str:
    """What to tell the person whose image failed."""
    if isinstance(error, UndecodableImage):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return "The image's file is missing in storage."
    if isinstance(error, MemoryError):
        return "The image is too large for this machine's memory."
    words = str(error).lower()
    if any(sign in words for sign in ("truncated", "eof", "not enough", "end of")):
        return "The file ends too early: it was probably cut off while being copied."
    return f"The image is damaged and can't be decoded ({error})."

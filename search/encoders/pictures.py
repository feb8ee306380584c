"""Opening stored images for a network: upright, decoded no larger than needed."""

from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None


class UndecodableImage(Exception):
    """The file's pixels can't be read. The message is for the person whose image it is."""


def open_for_encoding(file: BinaryIO, input_size: int) -> Image.Image:
    """Return the decoded, upright picture; a JPEG at no less than twice `input_size` pixels.

    Raises UndecodableImage.
    """
    try:
        with Image.open(file) as image:
            image.draft(None, (2 * input_size, 2 * input_size))
            image.load()
            return ImageOps.exif_transpose(image)
    except UnidentifiedImageError:
        raise UndecodableImage("The file is not an image, or its beginning is damaged.") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise UndecodableImage(explain(error)) from error


def explain(error: Exception) -> str:
    words = str(error).lower()
    if "truncated" in words or "eof" in words or "not enough" in words:
        return "The file ends too early: it was probably cut off while being copied."
    return f"The image is damaged and can't be decoded ({error})."

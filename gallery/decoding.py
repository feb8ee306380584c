"""Decoding the pixels of image files. Whatever is wrong with one is told in a sentence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from django.utils.translation import gettext, gettext_noop
from PIL import Image, ImageOps, UnidentifiedImageError

from gallery.imagefile import SUFFIXES
from gallery.room import Room
from gallery.truncation import is_cut_off

# Bytes a pixel: photographs have more, drawings and screenshots less. These are decoded quickly as
# they are, and where they are flat, decoding them smaller would move whole areas by a step.
LEAST_BYTES_A_PIXEL = 0.1
# By what a JPEG's sides can be divided while it is decoded.
DIVISORS = (8, 4, 2)
# What is stored passed the door's own limit; this is only against files from elsewhere.
MOST_PIXELS = 500_000_000
# A worker takes 930 MB for its network and is to stay below 1200.
room = Room(240 * 2**20)
# Bytes a pixel while an image is decoded: Pillow has four, these decoders some of their own, and
# what is not RGB yet is there twice in the end.
PLAIN_BYTES_A_PIXEL = 4
BYTES_A_PIXEL = 10
BYTES_A_PIXEL_OF = {"WEBP": 18, "AVIF": 10, "HEIF": 10}
# Rows of an image that are changed at a time: changed whole, it would be in memory several times.
BAND = 256
CUT_OFF = gettext_noop("The file ends too early: it was probably cut off while being copied.")


class UndecodableImage(Exception):
    """The file's pixels can't be read. The message is for the person whose image it is."""


@contextmanager
def opened_upright(file: IO[bytes], at_least: int) -> Iterator[Image.Image]:
    """The first frame, decoded and with its EXIF orientation applied.

    A photograph as JPEG may come smaller than it is, each side still at least `at_least` pixels
    where the original's is: decoding a half, a quarter or an eighth is that much less work.
    Large ones wait for each other, so it is there only inside, and no other is opened there.
    Raises UndecodableImage; a file that can't be read at all is the caller's OSError.
    """
    with telling(file):
        image = Image.open(file, formats=list(SUFFIXES))
        needed = bytes_to_decode(image)
        if bytes_a_pixel(file, image) >= LEAST_BYTES_A_PIXEL:
            draft(image, at_least)
        refuse_bomb(image)
        # The coefficients of a progressive JPEG are all kept, however small it comes.
        if "progressive" not in image.info:
            needed = bytes_to_decode(image)
    with room.taken(needed), image, emptied(image):
        with telling(file):
            image.load()
        set_upright(image)
        yield image


@contextmanager
def emptied(image: Image.Image) -> Iterator[Image.Image]:
    """The image, which gives its pixels back at the end, whoever still holds it."""
    try:
        yield image
    finally:
        # Its own close() would close its file, too, which is the caller's.
        Image.Image.close(image)


@contextmanager
def telling(file: IO[bytes]) -> Iterator[None]:
    """Whatever is wrong with the picture inside is raised as UndecodableImage."""
    try:
        yield
    # Damaged pixels raise nearly anything, depending on the format.
    except Exception as error:
        if getattr(error, "errno", None) is not None:
            # The disk or the network failed, not the picture.
            raise
        raise UndecodableImage(explain(error, file)) from error


def draft(image: Image.Image, at_least: int) -> None:
    """Have a JPEG decoded smaller, if it can be with each side still `at_least` pixels.

    One that does not divide evenly would come with sides of a part of a pixel more, and whatever is
    scaled from it would lie a little askew.
    """
    width, height = image.size
    for divisor in DIVISORS:
        is_even = not (width % divisor or height % divisor)
        if is_even and min(width, height) >= divisor * at_least:
            image.draft(None, (width // divisor, height // divisor))
            return


def bytes_to_decode(image: Image.Image) -> int:
    """About how much memory it takes to decode the image and to make it RGB."""
    plain = PLAIN_BYTES_A_PIXEL if image.mode == "RGB" else BYTES_A_PIXEL
    return image.width * image.height * BYTES_A_PIXEL_OF.get(image.format or "", plain)


def bytes_a_pixel(file: IO[bytes], image: Image.Image) -> float:
    position = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(position)
    return size / (image.width * image.height)


def refuse_bomb(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        text = gettext("The image claims %(size)s pixels, too many to decode safely.")
        raise UndecodableImage(text % {"size": f"{image.width} × {image.height}"})


def set_upright(image: Image.Image) -> None:
    # Unreadable metadata are no reason to refuse a readable picture.
    with suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)


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
        return laid_on_white(image)
    if image.mode.startswith(("I", "F")):
        return in_eight_bits(image).convert("RGB")
    return image.convert("RGB")


def laid_on_white(image: Image.Image) -> Image.Image:
    flat = Image.new("RGB", image.size)
    for box in bands(image):
        layer = image.crop(box).convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        flat.paste(Image.alpha_composite(white, layer).convert("RGB"), box)
    return flat


def in_eight_bits(image: Image.Image) -> Image.Image:
    """A picture of 16 or 32 bits a pixel in 8; 32 bits have no white, so the brightest is it."""
    low, high = 0.0, 65535.0
    if not image.mode.startswith("I;16"):
        low, high = image.getextrema()  # type: ignore[assignment] # one channel has one pair
    scale = 255 / ((high - low) or 1)
    shallow = Image.new("L", image.size)
    for box in bands(image):
        band = image.crop(box)
        deep = band if band.mode == "F" else band.convert("I").convert("F")
        shallow.paste(deep.point(lambda value: value * scale + -low * scale).convert("L"), box)
    return shallow


def bands(image: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Boxes that cover the image from top to bottom."""
    for top in range(0, image.height, BAND):
        yield 0, top, image.width, min(top + BAND, image.height)

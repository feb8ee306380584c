"""Pixels of renditions: smaller JPEGs of an image, upright, in sRGB, on white. No ORM in here."""

from dataclasses import dataclass
from io import BytesIO
from typing import IO

from PIL import Image, ImageCms, ImageStat

from gallery.decoding import opened_upright, rgb_on_white

# Longest side in pixels.
KINDS = {"small": 240, "thumbnail": 480, "medium": 960, "preview": 1600}
QUALITY = 82
COLOR_SPACES = {"CMYK", "LAB", "L"}
SRGB = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class Renditions:
    """A JPEG for every kind, and what the picture is like from afar."""

    files: dict[str, bytes]
    color: str


def make_renditions(file: IO[bytes]) -> Renditions:
    """The file is decoded once, for the largest of them.

    Raises UndecodableImage.
    """
    with opened_upright(file, max(KINDS.values())) as image:
        picture = shown_in_srgb(image)
        # A comment in it would be written again.
        picture.info.clear()
        renditions = {}
        for kind, side in sorted(KINDS.items(), key=lambda item: -item[1]):
            picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
            renditions[kind] = as_jpeg(picture)
        return Renditions(renditions, color_of(picture))


def color_of(picture: Image.Image) -> str:
    """The mean colour of an RGB picture, as "#rrggbb"."""
    means = (round(mean) for mean in ImageStat.Stat(picture).mean)
    return "#{:02x}{:02x}{:02x}".format(*means)


def plain_jpeg(file: IO[bytes], side: int) -> bytes:
    """The picture alone, as a JPEG of at most `side` pixels: nothing that its file tells besides.

    Its colours are those that a network is shown of a stored image. Raises UndecodableImage.
    """
    with opened_upright(file, side) as image:
        picture = rgb_on_white(image)
        picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        # A comment in it would be written again.
        picture.info.clear()
        out = BytesIO()
        picture.save(out, "JPEG", quality=95, subsampling=0)
    return out.getvalue()


def shown_in_srgb(image: Image.Image) -> Image.Image:
    """Return `image` as RGB: its colour profile applied, what is transparent on white."""
    # Ink and light are turned to sRGB by their own profile, if they have one.
    is_plain = image.mode in COLOR_SPACES and not image.has_transparency_data
    flat = image if is_plain else rgb_on_white(image)
    profile = image.info.get("icc_profile")
    if not profile:
        return rgb_on_white(flat)
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(flat, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A damaged profile, or one for another colour space: the plain colours are close enough.
        return rgb_on_white(flat)
    return converted if converted is not None else rgb_on_white(flat)


def as_jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()

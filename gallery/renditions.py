"""Pixels of renditions: smaller JPEGs of an image, upright, in sRGB, on white. No ORM in here."""

from io import BytesIO
from typing import IO

from PIL import Image, ImageCms

from gallery.decoding import open_upright

# Longest side in pixels.
KINDS = {"thumbnail": 480, "preview": 1600}
QUALITY = 82
SRGB = ImageCms.createProfile("sRGB")


def make_renditions(file: IO[bytes]) -> dict[str, bytes]:
    """Return a JPEG for every kind; the file is decoded once, for the largest.

    Raises UndecodableImage.
    """
    picture = shown_in_srgb(open_upright(file, max(KINDS.values())))
    renditions = {}
    for kind, side in sorted(KINDS.items(), key=lambda item: -item[1]):
        picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        renditions[kind] = as_jpeg(picture)
    return renditions


def shown_in_srgb(image: Image.Image) -> Image.Image:
    """Return `image` as RGB: its colour profile applied, what is transparent on white."""
    flat = on_white(image)
    profile = image.info.get("icc_profile")
    if not profile:
        return flat.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(flat, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        # A damaged profile, or one for another colour space: the plain colours are close enough.
        return flat.convert("RGB")
    return converted if converted is not None else flat.convert("RGB")


def on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB") if image.mode in {"1", "P", "F"} else image
    picture = image.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def as_jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()

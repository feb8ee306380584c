"""Pixels of renditions: smaller JPEGs of an image, upright, in sRGB, on white. No ORM in here."""

from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageCms, ImageOps

# Longest side in pixels.
KINDS = {"thumbnail": 480, "preview": 1600}
QUALITY = 82
SRGB = ImageCms.createProfile("sRGB")


def make_renditions(file: BinaryIO) -> dict[str, bytes]:
    """Return a JPEG for every kind, largest decoded once and the smaller ones made from it.

    Raises what Pillow raises when the pixels can't be decoded.
    """
    largest = max(KINDS.values())
    with Image.open(file) as image:
        # A JPEG can be decoded at a half, a quarter or an eighth for a fraction of the work.
        image.draft("RGB", (largest, largest))
        upright = ImageOps.exif_transpose(image)
        picture = shown_in_srgb(upright)
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

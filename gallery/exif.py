"""What a camera wrote into a file: which it was, how it was set, when and where. No ORM in here.

Tags and units are those of EXIF 2.32 (CIPA DC-008). Anybody can write anything there, so nothing is
believed before it was looked at. What can't be read says nothing: it is no reason to refuse a
picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from PIL import ExifTags, Image

from gallery.plain_text import plain

Tags = Mapping[int, Any]
MOST_IN_NAME = 100
# From, to: wider than any camera goes, so that what is beyond is no measurement.
APERTURES = 0.3, 1000.0
SECONDS = 1e-7, 7 * 86400.0
SENSITIVITIES = 1.0, 10_000_000.0
MILLIMETRES = 0.1, 100_000.0
# What a maker writes behind its name.
BUSINESS = {"corporation", "corp", "company", "co", "ltd", "inc", "imaging", "ag", "gmbh"}
# In this tag 65535 says that the number did not fit, and is in another.
TOO_SENSITIVE = 65535


@dataclass(frozen=True)
class Recorded:
    """Names are empty and numbers None where the file does not say, or says nonsense."""

    camera: str = ""
    lens: str = ""
    # The f-number.
    aperture: float | None = None
    # In seconds.
    exposure_time: float | None = None
    iso: int | None = None
    # In millimetres; then what it would be on film.
    focal_length: float | None = None
    focal_length_35mm: int | None = None
    # In degrees, north and east. Both or none.
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Exif:
    """Each block of tags by itself; one that can't be read is empty."""

    base: Tags
    details: Tags
    place: Tags


def exif_of(image: Image.Image) -> Exif:
    try:
        # PNG's own getexif() decodes all pixels to look for metadata behind them.
        found = Image.Image.getexif(image)
    # Damaged blocks raise nearly anything.
    except Exception:
        return Exif({}, {}, {})
    return Exif(
        {tag: value_of(found, tag) for tag in BASE},
        block_of(found, ExifTags.IFD.Exif),
        block_of(found, ExifTags.IFD.GPSInfo),
    )


BASE = (
    ExifTags.Base.Orientation,
    ExifTags.Base.DateTime,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
)


def value_of(found: Image.Exif, tag: int) -> Any:
    try:
        return found.get(tag)
    except Exception:
        return None


def block_of(found: Image.Exif, block: int) -> Tags:
    try:
        return dict(found.get_ifd(block))
    except Exception:
        return {}


def lies_on_its_side(exif: Exif) -> bool:
    """By its orientation, of which 5 to 8 are these."""
    return exif.base.get(ExifTags.Base.Orientation) in range(5, 9)


def date_in(exif: Exif) -> datetime | None:
    """When the picture was taken; a camera that names no offset is taken to be on UTC."""
    written = exif.details.get(ExifTags.Base.DateTimeOriginal) or exif.base.get(
        ExifTags.Base.DateTime
    )
    offset = exif.details.get(ExifTags.Base.OffsetTimeOriginal) or "+00:00"
    try:
        taken = datetime.strptime(f"{written}{offset}".strip("\0 "), "%Y:%m:%d %H:%M:%S%z")
        return taken.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def recorded_in(exif: Exif) -> Recorded:
    base, details = exif.base, exif.details
    latitude, longitude = place_in(exif.place)
    return Recorded(
        camera=camera_name(text(base, ExifTags.Base.Make), text(base, ExifTags.Base.Model)),
        lens=text(details, ExifTags.Base.LensModel)[:MOST_IN_NAME],
        aperture=number(details, ExifTags.Base.FNumber, APERTURES),
        exposure_time=number(details, ExifTags.Base.ExposureTime, SECONDS),
        iso=sensitivity(details),
        focal_length=number(details, ExifTags.Base.FocalLength, MILLIMETRES),
        focal_length_35mm=whole(number(details, ExifTags.Base.FocalLengthIn35mmFilm, MILLIMETRES)),
        latitude=latitude,
        longitude=longitude,
    )


def text(tags: Tags, tag: int) -> str:
    """Empty where it has neither a letter nor a digit: some lenses are called “----”."""
    value = tags.get(tag)
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    said = plain(in_utf_8(value))
    return said if any(map(str.isalnum, said)) else ""


def in_utf_8(said: str) -> str:
    """EXIF is ASCII, which Pillow reads as Latin-1; cameras that write more write UTF-8."""
    try:
        return said.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return said


def camera_name(make: str, model: str) -> str:
    """Maker and model, unless the model names its maker already, and nothing of its business."""
    maker = [word for word in make.split() if word.casefold().strip(".,") not in BUSINESS]
    known = {word.casefold() for word in maker}
    first = model.split(maxsplit=1)[:1]
    if first and first[0].casefold() in known:
        maker = []
    return " ".join([*maker, model]).strip()[:MOST_IN_NAME]


def number(tags: Tags, tag: int, bounds: tuple[float, float]) -> float | None:
    """The number, or the first of several, if it is one within the bounds."""
    found = first_number(tags.get(tag))
    low, high = bounds
    return found if found is not None and low <= found <= high else None


def first_number(value: Any) -> float | None:
    """A finite number; None for whatever else there may be, a fraction by zero included."""
    if isinstance(value, tuple):
        value = value[0] if value else None
    if value is None or isinstance(value, str | bytes):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return found if isfinite(found) else None


def whole(found: float | None) -> int | None:
    return None if found is None else max(round(found), 1)


def sensitivity(details: Tags) -> int | None:
    found = whole(number(details, ExifTags.Base.ISOSpeedRatings, SENSITIVITIES))
    if found not in {None, TOO_SENSITIVE}:
        return found
    others = (ExifTags.Base.RecommendedExposureIndex, ExifTags.Base.ISOSpeed)
    larger = (whole(number(details, tag, SENSITIVITIES)) for tag in others)
    return next(filter(None, larger), found)


def place_in(tags: Tags) -> tuple[float, float] | tuple[None, None]:
    """Latitude and longitude. Where both are 0 nothing was measured, and nobody was there."""
    latitude = degrees(tags, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS", 90)
    longitude = degrees(tags, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW", 180)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None, None
    return latitude, longitude


def degrees(tags: Tags, tag: int, reference: int, sides: str, most: int) -> float | None:
    """From degrees, minutes and seconds, each perhaps a fraction; negative on the second side."""
    parts, side = tags.get(tag), text(tags, reference).upper()[:1]
    if not isinstance(parts, tuple) or len(parts) != 3 or not side or side not in sides:
        return None
    found = 0.0
    for part, unit in zip(map(first_number, parts), (1, 60, 3600), strict=True):
        if part is None or part < 0:
            return None
        found += part / unit
    if found > most:
        return None
    return round(found if side == sides[0] else -found, 7)

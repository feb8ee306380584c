"""What is believed of what a camera wrote, and what is not."""

from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags
from PIL import Image as Pillow
from PIL.TiffImagePlugin import IFDRational

from gallery.exif import Recorded, camera_name, degrees, first_number
from gallery.imagefile import inspect
from tests.conftest import picture_bytes

TAGS = ExifTags.Base
DETAILS: dict[int, Any] = {
    TAGS.LensModel: "RF24-70mm F2.8 L",
    TAGS.FNumber: 2.8,
    TAGS.ExposureTime: IFDRational(1, 250),
    TAGS.ISOSpeedRatings: 100,
    TAGS.FocalLength: 35.0,
    TAGS.FocalLengthIn35mmFilm: 52,
}
OSLO: dict[int, Any] = {
    ExifTags.GPS.GPSLatitudeRef: "N",
    ExifTags.GPS.GPSLatitude: (59.0, 54.0, 50.04),
    ExifTags.GPS.GPSLongitudeRef: "E",
    ExifTags.GPS.GPSLongitude: (10.0, 45.0, 7.92),
}


def photo(
    base: dict[int, Any] | None = None,
    details: dict[int, Any] | None = None,
    place: dict[int, Any] | None = None,
    format: str = "JPEG",
    color: Any = "red",
) -> bytes:
    """A picture in which a camera wrote these."""
    exif = Pillow.Exif()
    exif.update({TAGS.Make: "Canon", TAGS.Model: "Canon EOS R5"} if base is None else base)
    exif.get_ifd(ExifTags.IFD.Exif).update(DETAILS if details is None else details)
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(OSLO if place is None else place)
    return picture_bytes(color, format=format, exif=exif.tobytes())


def recorded(data: bytes) -> Recorded:
    return inspect(BytesIO(data)).recorded


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_what_the_camera_wrote_is_read(format: str) -> None:
    found = recorded(photo(format=format))
    assert (found.camera, found.lens) == ("Canon EOS R5", "RF24-70mm F2.8 L")
    assert (found.aperture, found.exposure_time, found.iso) == (2.8, 0.004, 100)
    assert (found.focal_length, found.focal_length_35mm) == (35, 52)
    assert (found.latitude, found.longitude) == (59.9139, 10.7522)


def test_a_file_without_any_of_it_says_nothing() -> None:
    assert recorded(picture_bytes(format="JPEG")) == Recorded()


@pytest.mark.parametrize(
    ("make", "model", "name"),
    [
        ("Canon", "Canon EOS R5", "Canon EOS R5"),
        ("NIKON CORPORATION", "NIKON D750", "NIKON D750"),
        ("OLYMPUS IMAGING CORP.", "E-M1", "OLYMPUS E-M1"),
        ("EASTMAN KODAK COMPANY", "KODAK DX4530", "KODAK DX4530"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        ("Apple", "", "Apple"),
        ("", "E-M1", "E-M1"),
        ("", "", ""),
        ("x" * 90, "y" * 90, f"{'x' * 90} {'y' * 9}"),
    ],
)
def test_a_camera_is_named_once(make: str, model: str, name: str) -> None:
    assert camera_name(make, model) == name


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (IFDRational(1, 250), 0.004),
        ((IFDRational(28, 10), 3), 2.8),
        (Fraction(1, 2), 0.5),
        (IFDRational(1, 0), None),
        (IFDRational(0, 0), None),
        (float("inf"), None),
        (10**400, None),
        ("2.8", None),
        (b"\x01", None),
        ((), None),
        ({}, None),
        (None, None),
    ],
)
def test_only_numbers_are_numbers(value: Any, found: float | None) -> None:
    assert first_number(value) == found


@pytest.mark.parametrize(
    ("tag", "value", "name"),
    [
        (TAGS.FNumber, IFDRational(1, 0), "aperture"),
        (TAGS.FNumber, -2.8, "aperture"),
        (TAGS.FNumber, 1e9, "aperture"),
        (TAGS.ExposureTime, IFDRational(0, 1), "exposure_time"),
        (TAGS.ExposureTime, "1/250", "exposure_time"),
        (TAGS.ISOSpeedRatings, 0, "iso"),
        (TAGS.FocalLength, IFDRational(0, 0), "focal_length"),
        (TAGS.FocalLengthIn35mmFilm, 0, "focal_length_35mm"),
    ],
)
def test_nonsense_says_nothing_and_leaves_the_rest(tag: int, value: Any, name: str) -> None:
    found = recorded(photo(details={**DETAILS, tag: value}))
    assert getattr(found, name) is None
    assert found.lens == "RF24-70mm F2.8 L"


def test_a_sensitivity_that_does_not_fit_stands_elsewhere() -> None:
    more: dict[int, Any] = {TAGS.ISOSpeedRatings: 65535, TAGS.RecommendedExposureIndex: 102400}
    assert recorded(photo(details=more)).iso == 102400


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  RF 50mm\0 F1.2\0\0", "RF 50mm F1.2"),
        ("Objektív žlutý", "Objektív žlutý"),
        (b"RF 50mm", "RF 50mm"),
        ("----", ""),
        ("x" * 5000, "x" * 100),
    ],
)
def test_a_name_is_one_line_of_text(written: Any, shown: str) -> None:
    if isinstance(written, str):
        written = written.encode()
    assert recorded(photo(details={TAGS.LensModel: written})).lens == shown


@pytest.mark.parametrize(
    ("parts", "side", "found"),
    [
        ((33.0, 51.0, 36.0), "S", -33.86),
        ((33.86, 0.0, 0.0), "s\0", -33.86),
        ((90.0, 0.0, 0.0), "N", 90),
        ((90.0, 0.0, 0.1), "N", None),
        ((33.0, 51.0), "S", None),
        ((33.0, 51.0, IFDRational(0, 0)), "S", None),
        ((-33.0, 51.0, 36.0), "S", None),
        ((33.0, 51.0, 36.0), "", None),
        ((33.0, 51.0, 36.0), "X", None),
        ((33.0, 51.0, 36.0), 7, None),
        ("33.86", "S", None),
        (33.86, "S", None),
        (None, "S", None),
    ],
)
def test_degrees_are_those_there_are(parts: Any, side: Any, found: float | None) -> None:
    assert degrees({2: parts, 1: side}, 2, 1, "NS", 90) == found


def test_half_a_place_is_none() -> None:
    half = {tag: value for tag, value in OSLO.items() if tag != ExifTags.GPS.GPSLongitude}
    assert recorded(photo(place=half)).latitude is None


def test_a_place_that_was_not_measured_is_none() -> None:
    zero = (0.0, 0.0, 0.0)
    nowhere = {**OSLO, ExifTags.GPS.GPSLatitude: zero, ExifTags.GPS.GPSLongitude: zero}
    assert recorded(photo(place=nowhere)).latitude is None


def spoilt(spoil: Callable[[bytearray, int], None]) -> bytes:
    data = bytearray(photo())
    spoil(data, data.index(b"Exif\0\0") + 6)
    return bytes(data)


def fill(start: int, end: int, value: int) -> Callable[[bytearray, int], None]:
    def spoil(data: bytearray, at: int) -> None:
        data[at + start : at + end] = bytes([value]) * (end - start)

    return spoil


@pytest.mark.parametrize("value", [0, 0x41, 0xFF])
@pytest.mark.parametrize("start", [0, 2, 4, 8, 10, 12, 14, 18, 22, 40, 60, 90])
def test_damaged_blocks_never_refuse_a_picture(start: int, value: int) -> None:
    for length in (1, 4, 16, 60):
        facts = inspect(BytesIO(spoilt(fill(start, start + length, value))))
        assert {facts.width, facts.height} == {64, 48}

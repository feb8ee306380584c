"""A JPEG that does not tell where it was taken, and is otherwise the same."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image

from gallery.discretion import DiscreetJpeg, NotUnderstood

PLACE = b"A secret place in the hills"
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta exif:GPSLatitude='52,31.1N'/>"


def photo(**save: Any) -> bytes:
    """A picture that tells where it was taken in every way there is."""
    picture = Image.effect_noise((90, 60), 80).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "A camera of some maker"
    exif[ExifTags.Base.Orientation] = 6
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2024:05:06 07:08:09"
    details[ExifTags.Base.MakerNote] = b"MAKER" + PLACE
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 7.5)
    gps[ExifTags.GPS.GPSLatitudeRef] = "N"
    gps[ExifTags.GPS.GPSProcessingMethod] = PLACE
    out = BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"at " + PLACE, **save)
    data = out.getvalue()
    xmp = b"\xff\xe1" + struct.pack(">H", len(XMP) + 2) + XMP
    iptc = b"\xff\xed" + struct.pack(">H", len(PLACE) + 2) + PLACE
    return data[:2] + xmp + iptc + data[2:] + b"a video from " + PLACE


def discreet(data: bytes, folder: Path) -> bytes:
    path = folder / "photo.jpg"
    path.write_bytes(data)
    with DiscreetJpeg(path.open("rb")) as file:
        told = file.read()
        assert len(told) == file.size
    return told


@pytest.mark.parametrize("save", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
def test_no_place_is_left(tmp_path: Path, save: dict[str, Any]) -> None:
    told = discreet(photo(**save), tmp_path)
    assert PLACE not in told
    assert b"GPS" not in told
    exif = Image.open(BytesIO(told)).getexif()
    assert ExifTags.IFD.GPSInfo not in exif
    assert not exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert struct.pack(">II", 52, 1) not in told
    assert struct.pack("<II", 52, 1) not in told


@pytest.mark.parametrize("save", [{}, {"progressive": True}, {"restart_marker_blocks": 1}])
def test_no_pixel_is_touched(tmp_path: Path, save: dict[str, Any]) -> None:
    data = photo(**save)
    told = discreet(data, tmp_path)
    assert Image.open(BytesIO(told)).tobytes() == Image.open(BytesIO(data)).tobytes()
    pixels = told[told.index(b"\xff\xda") :]
    assert pixels in data
    assert pixels.endswith(b"\xff\xd9")


def test_what_shows_it_stays(tmp_path: Path) -> None:
    profile = b"a colour profile" * 20
    shown = Image.open(BytesIO(discreet(photo(icc_profile=profile), tmp_path)))
    exif = shown.getexif()
    assert exif[ExifTags.Base.Orientation] == 6
    assert exif[ExifTags.Base.Make] == "A camera of some maker"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    assert details == {ExifTags.Base.DateTimeOriginal: "2024:05:06 07:08:09"}
    assert shown.info["icc_profile"] == profile


def test_a_picture_without_metadata_stays_as_it_is(tmp_path: Path) -> None:
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    assert discreet(out.getvalue(), tmp_path) == out.getvalue()


def test_one_that_is_cut_off_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    data = photo()[:-400]
    told = discreet(data, tmp_path)
    assert data.endswith(told[-200:])


def broken(data: bytes) -> list[bytes]:
    exif = data.index(b"Exif\0\0") + 6
    wrong = bytearray(data)
    wrong[exif + 4 : exif + 8] = b"\xff\xff\xff\x7f"
    return [data[:30], bytes(wrong), data.replace(b"MM\0*", b"XX\0*"), b"\x89PNG and so on"]


@pytest.mark.parametrize("number", range(4))
def test_nothing_is_promised_of_what_is_not_understood(tmp_path: Path, number: int) -> None:
    with pytest.raises(NotUnderstood):
        discreet(broken(photo())[number], tmp_path)

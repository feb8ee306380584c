"""What a file really is, judged by its content at the door."""

import struct
import zlib
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, ImageFile
from PIL import Image as Pillow

from gallery.decoding import opened_upright
from gallery.imagefile import MIME_TYPES, NotAnImage, RejectedFile, TooLarge, inspect, sha256_of
from tests.conftest import picture_bytes

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"]


def inspect_bytes(data: bytes) -> Any:
    return inspect(BytesIO(data))


def animation(frames: int) -> bytes:
    out = BytesIO()
    pictures = [Pillow.new("RGB", (8, 8), (number * 40, 0, 0)) for number in range(frames)]
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:])
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes whose header claims whatever size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"\0" * 100)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (header, data, b"IEND")
    )


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_is_known_by_its_content(format: str) -> None:
    facts = inspect_bytes(picture_bytes(size=(64, 48), format=format))
    assert (facts.format, facts.width, facts.height, facts.frames) == (format, 64, 48, 1)
    assert MIME_TYPES[facts.format].startswith("image/")


def test_the_file_is_left_at_its_beginning() -> None:
    file = BytesIO(picture_bytes())
    inspect(file)
    assert file.tell() == 0


@pytest.mark.parametrize("format", FORMATS)
def test_pixels_are_not_decoded(format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture_bytes(format=format)
    decoded: list[Any] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", decoded.append)
    inspect_bytes(data)
    assert not decoded


@pytest.mark.parametrize("data", [b"hello", b"<svg/>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"II*\0"])
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage) as refusal:
        inspect_bytes(data)
    assert refusal.value.status == 415


@pytest.mark.parametrize("format", ["BMP", "PPM", "ICO", "TGA", "EPS"])
def test_other_formats_are_refused_though_pillow_reads_them(format: str) -> None:
    with pytest.raises(NotAnImage, match="JPEG, PNG"):
        inspect_bytes(picture_bytes(format=format))


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_cut_off_in_its_header_is_refused_in_words(format: str) -> None:
    data = picture_bytes(format=format)
    for end in range(1, 24, 2):
        with pytest.raises(NotAnImage, match=r"not an image|damaged"):
            inspect_bytes(data[:end])


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(RejectedFile, match="empty"):
        inspect_bytes(b"")


def test_too_many_bytes_are_refused(settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 1_500_000
    with pytest.raises(TooLarge, match=r"2\.0 MB; at most 1\.5 MB"):
        inspect_bytes(b"x" * 2_000_000)


def test_a_bomb_does_not_go_off() -> None:
    with pytest.raises(TooLarge, match=r"60000 × 60000 pixels; at most 120 megapixels") as refusal:
        inspect_bytes(png_claiming(60000, 60000))
    assert refusal.value.status == 413


def test_too_many_frames_are_refused(settings: Any) -> None:
    settings.IMAGE_MAX_FRAMES = 3
    assert inspect_bytes(animation(3)).frames == 3
    with pytest.raises(TooLarge, match="4 frames"):
        inspect_bytes(animation(4))


def with_exif(format: str = "JPEG", details: dict[int, Any] | None = None, **tags: Any) -> bytes:
    exif = Pillow.Exif()
    for name, value in tags.items():
        exif[ExifTags.Base[name]] = value
    exif.get_ifd(ExifTags.IFD.Exif).update(details or {})
    return picture_bytes(size=(64, 48), format=format, exif=exif.tobytes())


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize(("orientation", "size"), [(1, (64, 48)), (3, (64, 48)), (6, (48, 64))])
def test_the_size_is_the_one_shown(format: str, orientation: int, size: tuple[int, int]) -> None:
    data = with_exif(format, Orientation=orientation)
    facts = inspect_bytes(data)
    with opened_upright(BytesIO(data), 64) as image:
        assert (facts.width, facts.height) == image.size == size


def taken(date: str, offset: str | None = None) -> datetime | None:
    details: dict[int, Any] = {ExifTags.Base.DateTimeOriginal: date}
    if offset is not None:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    found: datetime | None = inspect_bytes(with_exif(details=details)).taken_at
    return found


def test_the_date_is_when_it_was_taken() -> None:
    expected = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)
    assert taken("2024:05:01 12:30:00") == expected
    assert taken("2024:05:01 14:30:00", "+02:00") == expected


@pytest.mark.parametrize("date", ["", "0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday"])
def test_a_date_nobody_set_is_none(date: str) -> None:
    assert taken(date) is None


def test_a_date_at_the_end_of_time_is_none() -> None:
    assert taken("0001:01:01 00:00:00", "+12:00") is None


def test_a_phones_picture_with_a_second_one_behind_is_a_jpeg() -> None:
    out = BytesIO()
    first, second = (Pillow.new("RGB", (32, 24), color) for color in ("red", "gray"))
    first.save(out, "MPO", save_all=True, append_images=[second])
    facts = inspect_bytes(out.getvalue())
    assert (facts.format, facts.suffix, facts.frames) == ("JPEG", "jpg", 1)


def test_the_digest_is_of_all_bytes() -> None:
    data = b"x" * 3_000_000
    file = BytesIO(data)
    file.seek(10)
    assert sha256_of(file) == sha256(data).hexdigest()
    assert file.tell() == 0

"""Smaller JPEGs of an image: upright, in sRGB, on white."""

from io import BytesIO
from typing import Any

import pytest
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

from gallery.decoding import UndecodableImage
from gallery.renditions import KINDS, make_renditions
from tests.conftest import picture_bytes


def saved(picture: Pillow.Image, format: str = "PNG", **options: Any) -> BytesIO:
    out = BytesIO()
    picture.save(out, format, **options)
    out.seek(0)
    return out


def thumbnail(file: BytesIO) -> Pillow.Image:
    picture = Pillow.open(BytesIO(make_renditions(file).files["thumbnail"]))
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    return picture


def colour(file: BytesIO, at: tuple[float, float] = (0.5, 0.5)) -> tuple[int, ...]:
    """The thumbnail's colour at a place in fractions."""
    picture = thumbnail(file)
    pixel = picture.getpixel((int(picture.width * at[0]), int(picture.height * at[1])))
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


def near(found: tuple[int, ...], expected: tuple[int, int, int], tolerance: int = 6) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True))


def test_the_longest_side_is_as_long_as_its_kind_says() -> None:
    renditions = make_renditions(saved(Pillow.new("RGB", (3000, 1500), "red"), "JPEG")).files
    sizes = {kind: Pillow.open(BytesIO(data)).size for kind, data in renditions.items()}
    assert sizes == {
        "small": (240, 120),
        "thumbnail": (480, 240),
        "medium": (960, 480),
        "preview": (1600, 800),
    }
    assert set(sizes) == set(KINDS)


def test_a_small_image_is_not_blown_up() -> None:
    renditions = make_renditions(saved(Pillow.new("RGB", (100, 50), "red"))).files
    assert {Pillow.open(BytesIO(data)).size for data in renditions.values()} == {(100, 50)}


def test_its_colour_is_the_mean_of_all() -> None:
    picture = Pillow.new("RGB", (400, 300), (200, 100, 0))
    picture.paste((0, 100, 200), (0, 0, 200, 300))
    mean = int(make_renditions(saved(picture)).color.removeprefix("#"), 16).to_bytes(3)
    assert near(tuple(mean), (100, 100, 100))


@pytest.mark.parametrize("size", [(1, 1), (4000, 1), (1, 4000)])
def test_odd_shapes_are_no_obstacle(size: tuple[int, int]) -> None:
    assert max(thumbnail(saved(Pillow.new("RGB", size, "red"))).size) <= 480


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_every_format_is_rendered(format: str) -> None:
    found = colour(BytesIO(picture_bytes((200, 30, 30), size=(320, 240), format=format)))
    assert near(found, (200, 30, 30), 12)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_an_image_on_its_side_is_turned_upright(format: str) -> None:
    picture = Pillow.new("RGB", (400, 200), "red")
    picture.paste("blue", (200, 0, 400, 200))
    exif = Pillow.Exif()
    # Turned by a quarter to the right, its left half comes to lie on top.
    exif[ExifTags.Base.Orientation] = 6
    file = saved(picture, format, exif=exif.tobytes())
    assert thumbnail(file).size == (200, 400)
    file.seek(0)
    assert near(colour(file, at=(0.5, 0.25)), (254, 0, 0), 12)


@pytest.mark.parametrize(
    ("mode", "pixel"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("RGBA", (255, 255, 255, 9))]
)
def test_what_is_transparent_lies_on_white(mode: str, pixel: Any) -> None:
    assert near(colour(saved(Pillow.new(mode, (64, 64), pixel))), (255, 255, 255))


def test_a_transparent_palette_lies_on_white() -> None:
    picture = Pillow.new("P", (64, 64), 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    assert near(colour(saved(picture, "GIF", transparency=0)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"])
def test_every_mode_is_rendered(mode: str) -> None:
    picture = Pillow.new("I" if mode == "I;16" else mode, (64, 64))
    thumbnail(saved(picture.convert(mode) if mode == "I;16" else picture, "TIFF"))


def test_sixteen_bits_are_scaled_and_not_cut() -> None:
    picture = Pillow.new("I;16", (64, 64), 128 * 256)
    assert near(colour(saved(picture)), (128, 128, 128))


def test_colours_are_brought_into_srgb() -> None:
    # In LAB, so that the profile must have been applied: 0 of 255 in a would be green.
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.createProfile("sRGB")
    red = Pillow.new("RGB", (64, 64), "red")
    in_lab = ImageCms.profileToProfile(red, srgb, lab, outputMode="LAB")
    assert in_lab is not None
    file = saved(in_lab, "TIFF", icc_profile=lab.tobytes())
    assert near(colour(file), (254, 0, 0), 12)


def test_a_damaged_profile_is_passed_by() -> None:
    file = saved(Pillow.new("RGB", (64, 64), "red"), "JPEG", icc_profile=b"nonsense")
    assert near(colour(file), (254, 0, 0))


def test_a_profile_of_other_colours_is_passed_by() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = saved(Pillow.new("L", (64, 64), 128), "JPEG", icc_profile=profile)
    assert near(colour(file), (128, 128, 128))


def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [Pillow.new("RGB", (64, 64), name) for name in ("red", "blue")]
    file = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert near(colour(file), (254, 0, 0))


def test_nothing_of_the_metadata_is_passed_on() -> None:
    exif = Pillow.Exif()
    exif[ExifTags.Base.Artist] = "Alice"
    file = saved(Pillow.new("RGB", (64, 64), "red"), "JPEG", exif=exif)
    assert b"Alice" not in make_renditions(file).files["preview"]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"])
def test_a_file_that_was_cut_off_is_told_in_a_sentence(format: str) -> None:
    noise = Pillow.effect_noise((200, 200), 80).convert("RGB")
    data = saved(noise, format).getvalue()
    with pytest.raises(UndecodableImage) as refusal:
        make_renditions(BytesIO(data[: len(data) // 2]))
    assert str(refusal.value).endswith(".")

"""Pictures reach a network upright, in RGB on white, and no larger than needed."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gallery import decoding
from gallery.decoding import BAND, UndecodableImage, rgb_on_white
from search.encoders.pictures import DETAIL, open_squeezed, opened_for_encoding, square_pixels

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "HEIF"]


def stored(image: Image.Image, kind: str, **options: Any) -> BytesIO:
    file = BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def colour(image: Image.Image, x: int, y: int) -> list[int]:
    """Red, green and blue of a pixel."""
    pixel: list[int] = np.asarray(image)[y, x].tolist()
    return pixel


def decoded(file: BytesIO, input_size: int) -> Image.Image:
    with opened_for_encoding(file, input_size) as image:
        return image.copy()


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    random = np.random.default_rng(seed)
    return Image.fromarray(random.integers(0, 255, (height, width, 3), np.uint8))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_of_the_gallery_opens(kind: str) -> None:
    opened = decoded(stored(Image.new("RGB", (80, 60), "red"), kind), 16)
    assert opened.mode == "RGB"
    red, green, blue = colour(opened, 40, 30)
    assert red > 245
    assert max(green, blue) < 10


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_off_is_said_to_be_cut_off(kind: str) -> None:
    content = stored(noise(200, 150), kind).getvalue()
    with pytest.raises(UndecodableImage, match="ends too early"):
        decoded(BytesIO(content[: len(content) // 2]), 16)


@pytest.mark.parametrize("content", [b"", b"no image at all", b"\x89PNG\r\n\x1a\nbut no"])
def test_a_file_that_is_no_image_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(UndecodableImage, match="not an image"):
        decoded(BytesIO(content), 16)


def test_scrambled_pixels_are_said_to_be_damaged() -> None:
    content = bytearray(stored(noise(64, 64), "PNG").getvalue())
    content[len(content) // 2] ^= 0xFF
    with pytest.raises(UndecodableImage, match=r"damaged|too early"):
        decoded(BytesIO(content), 16)


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MOST_PIXELS", 4000)
    with pytest.raises(UndecodableImage, match="80 × 60 pixels, too many"):
        decoded(stored(Image.new("RGB", (80, 60)), "PNG"), 16)


def test_a_missing_file_is_no_fault_of_the_picture(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_squeezed(tmp_path / "gone.jpg", 16)


def test_a_picture_on_its_side_is_set_upright() -> None:
    image = Image.new("RGB", (60, 40), "white")
    image.paste("black", (0, 0, 30, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned to the right
    opened = decoded(stored(image, "JPEG", exif=exif), 16)
    assert opened.size == (40, 60)
    assert colour(opened, 20, 10) == [0, 0, 0]
    assert colour(opened, 20, 50) == [255, 255, 255]
    # Nobody turns it once more.
    assert 0x0112 not in opened.getexif()


def test_the_first_frame_of_an_animation_is_taken() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    animation = stored(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert colour(decoded(animation, 16), 10, 10) == [255, 0, 0]


def test_a_large_photograph_is_decoded_to_no_less_than_it_takes() -> None:
    opened = decoded(stored(noise(1000, 800), "JPEG"), 32)
    assert 32 * DETAIL <= opened.height < 800
    assert opened.width / opened.height == pytest.approx(1.25, abs=0.01)


@pytest.mark.parametrize("size", [(1000, 802), (1000, 801)])
def test_a_photograph_is_only_divided_evenly(size: tuple[int, int]) -> None:
    width, height = decoded(stored(noise(*size), "JPEG"), 16).size
    assert (width, height) == ((500, 401) if size[1] % 2 == 0 else size)


def test_a_large_drawing_is_decoded_whole() -> None:
    assert decoded(stored(drawing(1000, 800), "JPEG"), 32).size == (1000, 800)


def drawing(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), (70, 130, 201))
    image.paste((240, 200, 30), (width // 4, height // 4, width // 2, height // 2))
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_squeezed_as_a_network_squeezes_it(kind: str) -> None:
    whole = stored(drawing(1000, 800), kind)
    squeezed = open_squeezed(whole, 32)
    assert squeezed.shape == (32, 32, 3)
    assert squeezed.dtype == np.float32
    assert np.array_equal(squeezed, square_pixels(Image.open(whole), 32))


@pytest.mark.parametrize("size", [(7, 300), (300, 7), (32, 32), (BAND + 1, 2 * BAND)])
def test_a_picture_is_squeezed_as_pillow_does_it_but_for_rounding(size: tuple[int, int]) -> None:
    picture = noise(*size)
    rounded = picture.resize((32, 32), Image.Resampling.BILINEAR)
    # Pillow rounds twice: once a direction.
    assert abs(square_pixels(picture, 32) - np.asarray(rounded, np.float32)).max() <= 1.1


def test_pixels_lie_between_whole_numbers() -> None:
    stripes = Image.fromarray(np.tile(np.array([[[0], [1]]], np.uint8), (2, 1, 3)))
    assert square_pixels(stripes, 1).ravel().tolist() == [0.5] * 3


def test_pixels_are_what_they_are() -> None:
    pixels = np.full((4, 4, 3), 0.25, np.float32)
    assert square_pixels(pixels, 4) is pixels


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"])
def test_white_stays_white_in_every_opaque_mode(mode: str) -> None:
    white = Image.new("RGB", (4, 4), "white")
    image = white.convert("LAB") if mode == "LAB" else white.convert(mode)
    assert min(colour(rgb_on_white(image), 2, 2)) > 250


@pytest.mark.parametrize("mode", ["LA", "PA", "RGBA", "RGBa"])
def test_what_is_transparent_is_laid_on_white(mode: str) -> None:
    assert colour(rgb_on_white(Image.new(mode, (4, 4))), 2, 2) == [255, 255, 255]


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([0, 0, 0] * 256)
    image.info["transparency"] = 0
    assert colour(rgb_on_white(image), 2, 2) == [255, 255, 255]


@pytest.mark.parametrize("height", [BAND - 1, BAND, 2 * BAND + 1])
def test_a_tall_picture_is_laid_on_white_from_top_to_bottom(height: int) -> None:
    random = np.random.default_rng(0)
    layer = Image.fromarray(random.integers(0, 255, (height, 3, 4), np.uint8))
    expected = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    assert np.array_equal(np.asarray(rgb_on_white(layer)), np.asarray(expected.convert("RGB")))


def test_a_tall_picture_has_one_range_of_brightness() -> None:
    ramp = np.linspace(0, 1, 2 * BAND + 1, dtype=np.float32)[:, None]
    grey = np.asarray(rgb_on_white(Image.fromarray(ramp)))[:, 0, 0]
    assert grey.tolist() == np.uint8(ramp[:, 0] * 255).tolist()


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_deep_pixels_keep_their_order_of_brightness(mode: str) -> None:
    ramp = np.linspace(0, 65535, 16)
    values = ramp.astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode])
    image = Image.fromarray(np.tile(values, (4, 1)))
    assert image.mode == mode
    grey = np.asarray(rgb_on_white(image))[0, :, 0]
    assert grey.tolist() == np.uint8(ramp * (255 / 65535)).tolist()


def test_a_picture_of_one_depth_alone_has_no_range_to_stretch() -> None:
    assert colour(rgb_on_white(Image.new("F", (4, 4), 0.5)), 0, 0) == [0, 0, 0]

"""Parts of pictures, in fractions of their width and height. No ORM in here."""

from collections.abc import Sequence
from math import ceil

# x, y, width, height, from the upper left corner.
Crop = tuple[float, float, float, float]


def crop_from(text: str) -> Crop:
    """Read `x,y,w,h`; raises ValueError where that is no part of a picture."""
    x, y, width, height = (float(part) for part in text.split(","))
    if not (lies_inside(x, width) and lies_inside(y, height)):
        raise ValueError(text)
    return x, y, width, height


def lies_inside(start: float, length: float) -> bool:
    """Whether a part of 0..1 is one, up to how fractions are rounded."""
    # Comparisons with a number that is none are false, so nan does not pass.
    return 0 <= start < 1 and 0 < length <= 1 - start + 1e-6


def pixels_of(crop: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, upper, right and lower pixel of a crop in fractions; at least one pixel each way."""
    (x, y, broad, high), (width, height) = crop, size
    left, top = min(int(x * width), width - 1), min(int(y * height), height - 1)
    right, bottom = round((x + broad) * width), round((y + high) * height)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def side_around(crop: Sequence[float], side: int) -> int:
    """How large the whole picture must be for the crop to have `side` pixels each way."""
    return ceil(side / min(crop[2:]))

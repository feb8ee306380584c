"""Pictures changed a little each time they are seen, so that what is learned holds for others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageEnhance

from search.encoders.learning.recipes import Augmentation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The least share of the area that is cut out, by how much is changed.
LEAST_AREA = {Augmentation.LIGHT: 0.5, Augmentation.STRONG: 0.25}
# Longest against shortest side of what is cut out.
MOST_STRETCH = 4 / 3
# Brightness, contrast and colour of strong changes: up to so much less and more.
JITTER = 0.3


def changed(
    square: NDArray[np.uint8], size: int, how: Augmentation, random: np.random.Generator
) -> NDArray[np.uint8]:
    """`square` (s, s, 3) as (size, size, 3), cut, mirrored and tinted at random."""
    import numpy as np

    picture = Image.fromarray(square)
    if how is not Augmentation.NONE:
        picture = picture.crop(random_box(len(square), LEAST_AREA[how], random))
        if random.random() < 0.5:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    picture = picture.resize((size, size), Image.Resampling.BILINEAR)
    if how is Augmentation.STRONG:
        picture = tinted(picture, random)
    return np.asarray(picture)


def random_box(
    side: int, least_area: float, random: np.random.Generator
) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a part of a square with `side` pixels a side."""
    import numpy as np

    area = random.uniform(least_area, 1.0)
    stretch = np.exp(random.uniform(-0.5, 0.5) * np.log(MOST_STRETCH))
    width, height = (
        max(1, min(side, round(side * area**0.5 * ratio))) for ratio in (stretch, 1 / stretch)
    )
    left, top = (int(random.integers(0, side - length + 1)) for length in (width, height))
    return left, top, left + width, top + height


def tinted(picture: Image.Image, random: np.random.Generator) -> Image.Image:
    """Brighter or darker, flatter or steeper, paler or more colourful."""
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = enhance(picture).enhance(random.uniform(1 - JITTER, 1 + JITTER))
    return picture

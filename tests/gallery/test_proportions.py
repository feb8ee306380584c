"""The proportions of tiles."""

import re
from pathlib import Path

import pytest

from gallery.proportions import NARROWEST, STEPS, WIDEST, breadth, fitted_width

CSS = Path(__file__).parents[2] / "gallery/static/gallery/proportions.css"


def test_the_style_sheet_has_a_width_for_each() -> None:
    widths = re.findall(r"\.w(\d+) \{ --w: (\d+); \}", CSS.read_text())
    assert widths == [(str(w), str(w)) for w in range(NARROWEST, WIDEST + 1)]


@pytest.mark.parametrize("sides", [(3, 2), (2, 3), (4, 3), (16, 9), (9, 16), (5, 4), (239, 100)])
def test_what_cameras_take_is_cut_by_less_than_a_hundredth(sides: tuple[int, int]) -> None:
    width, height = sides
    assert breadth(width, height) / STEPS == pytest.approx(width / height, rel=0.01)


@pytest.mark.parametrize(("sides", "shown"), [((4000, 1), WIDEST), ((1, 4000), NARROWEST)])
def test_odd_shapes_are_cut(sides: tuple[int, int], shown: int) -> None:
    assert breadth(*sides) == shown


@pytest.mark.parametrize(
    ("sides", "width"),
    [((3000, 1500), 480), ((1500, 3000), 240), ((300, 100), 300), ((1, 4000), 1)],
)
def test_the_width_of_a_copy(sides: tuple[int, int], width: int) -> None:
    assert fitted_width(*sides, 480) == width

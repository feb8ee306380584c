"""Batches: random parts of pictures, with what the teachers say of just these."""

import numpy as np
import pytest

from search.encoders.compact import batches
from search.encoders.compact.batches import Source, Views, areas, inside, random_boxes
from search.encoders.compact.distillation import cut


def boxes(count: int, smallest: float) -> np.ndarray:
    return random_boxes(np.random.default_rng(0), count, smallest)


def test_parts_lie_inside_the_picture_and_are_large_enough() -> None:
    top, left, bottom, right = boxes(500, 0.3).T
    assert min(top.min(), left.min()) >= 0
    assert max(bottom.max(), right.max()) <= 1 + 1e-6
    areas = (bottom - top) * (right - left)
    assert 0.2 < areas.min() < areas.max() <= 1
    assert areas.std() > 0.1


def test_a_quarter_of_them_is_the_whole_picture() -> None:
    whole = (boxes(2000, 0.3) == [0, 0, 1, 1]).all(axis=1)
    assert 0.2 < whole.mean() < 0.3


# The left half of each picture sees one axis, the right half the next.
MAPS = np.array([[[[1, 0, 0], [0, 1, 0]]]], np.float16)


def drawn(count: int) -> tuple[Views, np.ndarray]:
    source = Source(np.zeros((1, 4, 4, 3), np.uint8), MAPS, smallest_crop=0.1)
    return source.draw(np.random.default_rng(0), count)


def test_a_mirrored_part_has_the_target_of_the_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MIXED", 0)
    views, targets = drawn(200)
    parts = views.boxes
    left, right = parts[:, [1, 3]].min(axis=1), parts[:, [1, 3]].max(axis=1)
    assert (parts[:, 1] > parts[:, 3]).mean() > 0.4
    assert (targets[right <= 0.5] == [1, 0, 0]).all()
    assert (targets[left >= 0.5] == [0, 1, 0]).all()


def test_half_of_the_views_have_a_patch_within_them() -> None:
    patches = drawn(2000)[0].patches
    sizes = areas(patches)
    assert 0.4 < (sizes > 0).mean() < 0.6
    assert 0.1 < sizes[sizes > 0].min() < sizes.max() < 0.55
    assert patches.min() >= 0
    assert patches.max() <= 1 + 1e-6


def test_a_patch_of_a_mirrored_view_shows_the_other_side() -> None:
    view, mirrored = [0.2, 0.0, 1.0, 0.5], [0.2, 0.5, 1.0, 0.0]
    patch = np.array([[0.5, 0, 1, 0.5]] * 2, np.float32)
    shown = inside(np.array([view, mirrored], np.float32), patch)
    assert shown == pytest.approx(np.array([[0.6, 0, 1, 0.25], [0.6, 0.5, 1, 0.25]]))


def test_a_mixed_target_has_the_share_of_what_was_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The left half of every whole view is covered by that of the view before, of another kind."""
    half = np.array([[0, 0, 1, 0.5]] * 2, np.float32)
    whole = np.array([[0, 0, 1, 1]] * 2, np.float32)
    monkeypatch.setattr(batches, "random_patches", lambda *_: half)
    monkeypatch.setattr(batches, "random_boxes", lambda *_: whole.copy())
    maps = np.array([[[[1, 0, 0], [0, 1, 0]]], [[[0, 0, 1], [0, 0, 1]]]], np.float16)
    source = Source(np.zeros((2, 4, 4, 3), np.uint8), maps, smallest_crop=1)
    targets = drawn_in_order(source, [0, 1])
    # Picture 0 keeps its right half and gets the third axis; picture 1 gets the first.
    assert targets == pytest.approx(np.array([[0, 1, 1], [1, 0, 1]]) / np.sqrt(2), abs=1e-6)


class InOrder:
    """Random enough: the pictures in the order given, none of them mirrored."""

    def __init__(self, which: list[int]) -> None:
        self.which = np.array(which)

    def integers(self, high: int, size: int) -> np.ndarray:
        return self.which

    def random(self, count: int) -> np.ndarray:
        return np.ones(count)


def drawn_in_order(source: Source, which: list[int]) -> np.ndarray:
    return source.draw(InOrder(which), len(which))[1]  # type: ignore[arg-type]  # all it needs


def test_the_pixels_of_a_patch_are_those_of_the_view_before() -> None:
    pictures = np.stack([np.full((8, 8, 3), shade, np.uint8) for shade in (10, 200)])
    whole = np.array([[0, 0, 1, 1]] * 2, np.float32)
    patches = np.array([[0, 0, 0.5, 0.5], [0, 0, 0, 0]], np.float32)
    first, second = cut(Views(pictures, whole, patches), 8).numpy()[..., 0]
    assert (first[:4, :4] == 200).all()
    assert (first[4:] == 10).all()
    assert (second == 200).all()

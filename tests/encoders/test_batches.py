"""Batches: random parts of pictures, some with a patch of another."""

import numpy as np
import pytest

from search.encoders.compact import views
from search.encoders.compact.batches import BATCH_SIZE, Source, Views, random_boxes
from search.encoders.compact.views import blended, cut, mosaics, turned
from search.encoders.tensorflow import import_tensorflow


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


def drawn(count: int) -> Views:
    source = Source(np.zeros((1, 4, 4, 3), np.uint8), smallest_crop=0.1)
    return source.draw(np.random.default_rng(0), count)


def test_half_of_the_views_are_mirrored() -> None:
    left, right = drawn(2000).boxes[:, [1, 3]].T
    assert 0.45 < (left > right).mean() < 0.55


def test_half_of_the_views_have_a_patch_within_them() -> None:
    patches = drawn(2000).patches
    sizes = (patches[:, 2] - patches[:, 0]) * (patches[:, 3] - patches[:, 1])
    assert 0.4 < (sizes > 0).mean() < 0.6
    assert 0.1 < sizes[sizes > 0].min() < sizes.max() < 0.55
    assert patches.min() >= 0
    assert patches.max() <= 1 + 1e-6


def test_the_pixels_of_a_patch_are_those_of_the_view_before() -> None:
    pictures = np.stack([np.full((8, 8, 3), shade, np.uint8) for shade in (10, 200)])
    whole = np.array([[0, 0, 1, 1]] * 2, np.float32)
    patches = np.array([[0, 0, 0.5, 0.5], [0, 0, 0, 0]], np.float32)
    first, second = cut(Views(pictures, whole, patches), 8).numpy()[..., 0]
    assert (first[:4, :4] == 200).all()
    assert (first[4:] == 10).all()
    assert (second == 200).all()


def test_a_mosaic_is_of_four_pictures_side_by_side() -> None:
    shades = np.arange(8, dtype=np.float32)
    quarters = np.broadcast_to(shades[:, None, None, None], (8, 3, 3, 3))
    first, second = mosaics(quarters).numpy()[..., 0]
    assert first[::3, ::3].tolist() == [[0, 1], [2, 3]]
    assert second[::3, ::3].tolist() == [[4, 5], [6, 7]]
    assert first[2, 2] == 0
    assert first.shape == (6, 6)


def test_less_than_half_of_another_shines_through_some_views(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shades = np.arange(BATCH_SIZE, dtype=np.float32)
    pixels = np.broadcast_to(shades[:, None, None, None], (BATCH_SIZE, 2, 2, 3))
    others = np.roll(pixels, views.BLENDED_WITH, axis=0)
    monkeypatch.setattr(views, "BLENDED", 0.5)
    import_tensorflow().random.set_seed(1)
    share = (blended(pixels).numpy() - pixels) / (others - pixels)
    assert np.ptp(share, axis=(1, 2, 3)).max() < 1e-6
    assert share.min() >= 0
    assert 0.3 < share.max() <= 0.5
    assert 0 < (share[:, 0, 0, 0] == 0).sum() < BATCH_SIZE


def test_some_views_lie_askew_on_a_ground_of_one_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "SHEAR", 0.0)
    monkeypatch.setattr(views, "ZOOM", 0.0)
    pixels = np.full((200, 33, 33, 3), 90.0, np.float32)
    # A spot to the right of the middle.
    pixels[:, 14:19, 22:27] = 40
    import_tensorflow().random.set_seed(1)
    askew = turned(pixels).numpy()
    is_askew = (askew != pixels).any(axis=(1, 2, 3))
    assert 0.35 < is_askew.mean() < 0.65

    grounds, middles = askew[is_askew][:, 0, 0], askew[is_askew][:, 16, 16]
    assert np.ptp(grounds, axis=1).max() == 0
    assert {0.0, 255.0} < set(grounds[:, 0])
    assert (middles == 90).all()

    rows, columns = np.mgrid[-16:17, -16:17]
    # The spot is where it was, on a circle about the middle: up to an eighth of a turn away.
    inside = rows**2 + columns**2 < 14**2
    darkness = (90 - askew[is_askew][..., 0]) * inside
    across = (darkness * columns).sum(axis=(1, 2)) / darkness.sum(axis=(1, 2))
    down = (darkness * rows).sum(axis=(1, 2)) / darkness.sum(axis=(1, 2))
    assert np.hypot(across, down) == pytest.approx(8, abs=0.3)
    angles = np.degrees(np.arctan2(down, across))
    assert angles.min() < -30
    assert angles.max() > 30
    assert np.abs(angles).max() < 46

"""Batches: random parts of pictures, with what the teachers say of just these."""

import numpy as np

from search.encoders.compact.batches import Source, random_boxes


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


def test_a_mirrored_part_has_the_target_of_the_part() -> None:
    # The left half of the picture sees the first axis, the right half the second.
    maps = np.array([[[[1, 0], [0, 1]]]], np.float16)
    source = Source(np.zeros((1, 4, 4, 3), np.uint8), maps, smallest_crop=0.1)
    _, parts, targets = source.draw(np.random.default_rng(0), 200)
    left, right = parts[:, [1, 3]].min(axis=1), parts[:, [1, 3]].max(axis=1)
    assert (parts[:, 1] > parts[:, 3]).mean() > 0.4
    assert (targets[right <= 0.5] == [1, 0]).all()
    assert (targets[left >= 0.5] == [0, 1]).all()

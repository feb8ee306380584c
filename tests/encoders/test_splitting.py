"""Splitting by class and seed, copies together."""

from collections import Counter

import numpy as np
import pytest

from search.splitting import (
    Part,
    alike_within,
    groups_of_equals,
    split,
    with_near_identical,
)

TRAIN, VALIDATION, TEST = Part.TRAIN, Part.VALIDATION, Part.TEST


def alone(count: int, classes: int = 1, seed: int = 0) -> list[Part]:
    """The parts of so many images of which none is another's copy, class after class."""
    return split(range(count), [key % classes for key in range(count)], range(count), seed)


def test_every_class_has_its_share_in_each_part() -> None:
    parts = alone(100, classes=5)
    for number in range(5):
        assert Counter(parts[number::5]) == {TRAIN: 14, VALIDATION: 3, TEST: 3}


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (1, {TRAIN: 1}),
        (2, {TRAIN: 1, TEST: 1}),
        (3, {TRAIN: 1, TEST: 1, VALIDATION: 1}),
        (5, {TRAIN: 3, TEST: 1, VALIDATION: 1}),
        (0, {}),
    ],
)
def test_few_images_are_learned_from_first_and_validated_last(
    count: int, expected: dict[Part, int]
) -> None:
    assert Counter(alone(count)) == expected


def test_the_parts_are_the_same_for_a_seed_and_others_for_another() -> None:
    assert alone(60) == alone(60)
    assert alone(60) != alone(60, seed=1)


def test_copies_stay_together() -> None:
    groups = [number // 3 for number in range(60)]
    parts = split(range(60), [0] * 60, groups, 0)
    assert all(parts[start] == parts[start + 1] == parts[start + 2] for start in range(0, 60, 3))
    assert Counter(parts) == {TRAIN: 42, VALIDATION: 9, TEST: 9}


def test_copies_of_several_classes_stay_together() -> None:
    parts = split(range(20), [0, 1] * 10, [number // 2 for number in range(20)], 0)
    assert parts[::2] == parts[1::2]
    assert set(parts) == {TRAIN, VALIDATION, TEST}


def test_the_largest_burst_is_learned_from() -> None:
    for seed in range(10):
        parts = split(range(10), [0] * 10, [0] * 8 + [8, 9], seed)
        assert parts[:8] == [TRAIN] * 8
        assert sorted(parts[8:]) == [TEST, VALIDATION]


def test_an_image_that_comes_moves_few_others_and_none_from_test_into_training() -> None:
    before, after = alone(200), alone(201)[:200]
    moved = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert len(moved) <= 2
    assert (TEST, TRAIN) not in moved


def test_equal_bytes_are_one_group() -> None:
    assert groups_of_equals(["x", "y", "x", "z", "y"]).tolist() == [0, 1, 0, 3, 1]


def test_what_is_near_is_joined_and_so_is_what_is_near_to_that() -> None:
    # A row of 30, three apart: more than 5 in a hundred pairs are neighbours, so 0.66 joins.
    row = np.arange(30, dtype=np.float32)[:, None] * 3
    row[1:3, 0] = 0.6, 1.2
    assert alike_within(row) == pytest.approx(0.66)
    groups = with_near_identical(np.arange(30), np.arange(30), row)
    assert groups.tolist() == [0, 0, 0, *range(3, 30)]


def test_one_without_a_vector_stays_with_its_equal() -> None:
    vectors = np.array([[0.0], [0.0], [5.0], [9.0]], np.float32)
    # The first is equal to the second by its bytes and has no vector.
    groups = with_near_identical(np.array([0, 0, 2, 3, 4]), np.array([1, 2, 3, 4]), vectors)
    assert groups.tolist() == [0, 0, 0, 3, 4]


def test_one_image_alone_is_near_nothing() -> None:
    one = np.array([[1.0, 0.0]], np.float32)
    assert with_near_identical(np.arange(1), np.arange(1), one).tolist() == [0]


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
def test_near_is_told_by_the_scale_of_the_encoder(scale: float) -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(300, 64)).astype(np.float32)
    vectors[1] = vectors[0] + 0.1
    groups = with_near_identical(np.arange(300), np.arange(300), scale * vectors)
    assert groups[:3].tolist() == [0, 0, 2]
    assert len(set(groups.tolist())) == 299

"""The shares of all places add up to the similarity, and light up where two pictures agree."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from search import encoders
from search.encoders.compact import CompactEncoder
from search.encoders.explaining import (
    MOST_CELLS,
    Linear,
    Readout,
    Step,
    UnitDeviation,
    UnitLength,
    coarsened,
    matches,
    pooled,
)
from search.encoders.squeezed import SqueezedEncoder

RANDOM = np.random.default_rng(0)
KERNEL = RANDOM.normal(size=(5, 4)).astype(np.float32)
BIAS = np.array([0.5, -1, 0, 2], np.float32)
SMALLER = Linear(RANDOM.normal(size=(4, 2)).astype(np.float32), np.array([1, -0.5], np.float32))


def features(height: int = 3, width: int = 2) -> np.ndarray:
    return RANDOM.uniform(0, 2, (height, width, 5)).astype(np.float32)


def unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


def mean(maps: np.ndarray, power: float = 1) -> np.ndarray:
    return np.asarray((maps**power).mean(axis=(0, 1)) ** (1 / power))


def normalized(vector: np.ndarray) -> np.ndarray:
    return np.asarray((vector - vector.mean()) / vector.std())


@pytest.mark.parametrize(
    ("readout", "expected"),
    [
        (Readout(1), mean),
        (Readout(3), lambda maps: mean(maps, 3)),
        (Readout(1, (Linear(KERNEL, BIAS),)), lambda maps: mean(maps) @ KERNEL + BIAS),
        (Readout(2.5, (Linear(KERNEL, BIAS),)), lambda maps: mean(maps, 2.5) @ KERNEL + BIAS),
        (
            Readout(3, (Linear(KERNEL, BIAS),)).followed_by(UnitLength(), SMALLER),
            lambda maps: unit(mean(maps, 3) @ KERNEL + BIAS) @ SMALLER.kernel + SMALLER.bias,
        ),
        (
            Readout(1, (UnitDeviation(0), Linear(KERNEL[:, 0], BIAS[:1]))),
            lambda maps: normalized(mean(maps)) * KERNEL[:, 0] + BIAS[0],
        ),
    ],
    ids=["mean", "gem", "mean and head", "gem and head", "whitened", "normalized"],
)
def test_the_parts_add_up_to_the_vector_and_their_matches_to_the_similarity(
    readout: Readout, expected: Any
) -> None:
    one, other = features(), features(2, 4)
    vectors = [unit(expected(maps)) for maps in (one, other)]
    parts = [readout.parts(maps) for maps in (one, other)]
    assert parts[0].sum(axis=(0, 1)) == pytest.approx(vectors[0], abs=1e-5)
    found = matches(*parts)
    assert found.shape == (3, 2, 2, 4)
    assert found.sum() == pytest.approx(vectors[0] @ vectors[1], abs=1e-3)


def test_by_the_mean_of_cubes_a_place_counts_by_its_cube() -> None:
    # Their generalized mean is the cube root of 4.5, of which they have a ninth and the rest.
    assert pooled(np.array([[1.0], [2.0]]), 3)[:, 0] == pytest.approx(
        np.array([1, 8]) / 9 * 4.5 ** (1 / 3)
    )


def test_a_place_without_features_counts_by_the_bias_alone() -> None:
    step: Step = Linear(np.eye(2, dtype=np.float32), np.array([4, 0], np.float32))
    assert step.of(np.array([[0.0, 0.0], [1.0, 2.0]])).tolist() == [[2, 0], [3, 2]]


def test_a_picture_of_one_colour_in_no_direction_is_no_error() -> None:
    assert Readout(1).parts(np.zeros((2, 2, 5), np.float32)).sum() == 0


def test_fine_maps_are_made_coarse_and_add_up_as_before() -> None:
    fine = RANDOM.normal(size=(30, 8, 3))
    found = coarsened(fine)
    assert found.shape == (MOST_CELLS, 8, 3)
    assert found.sum(axis=(0, 1)) == pytest.approx(fine.sum(axis=(0, 1)))
    # 30 rows make 12 of two and a half each.
    assert found[0] == pytest.approx(fine[0] + fine[1] + fine[2] / 2)


@pytest.fixture(scope="module")
def compact() -> SqueezedEncoder:
    return encoders.load("compact")  # type: ignore[return-value] # `Encoder` is what all have


@pytest.fixture(scope="module")
def random_one() -> SqueezedEncoder:
    """`compact` with random weights."""
    from search.encoders.compact import network

    encoder, model = CompactEncoder(), network.build(CompactEncoder().input_size)
    head = Linear(*model.layers[-1].get_weights())
    readout = Readout(network.POOLING_POWER, (head,))
    SqueezedEncoder.__init__(encoder, model, encoder.input_size, network.FEATURE_MAP_LAYER, readout)
    return encoder


def with_patch(background: str, left: int, top: int) -> Image.Image:
    """A plain picture 192 pixels a side with a checkered patch, a third of it each way."""
    picture = Image.new("RGB", (192, 192), background)
    checks = Image.fromarray(RANDOM_CHECKS).resize((64, 64), Image.Resampling.NEAREST)
    picture.paste(checks, (left, top))
    return picture


RANDOM_CHECKS = np.random.default_rng(3).integers(0, 255, (6, 6, 3), np.uint8)


def touches(middle: float, start: int, cells: int) -> bool:
    """Whether the cell with that middle, of so many in a row, is in part the patch's."""
    return start < 192 * (middle + 0.5 / cells) and 192 * (middle - 0.5 / cells) < start + 64


def place_of(overlay: np.ndarray) -> tuple[float, float]:
    """Where the strongest cell's middle lies, in fractions of the width and height."""
    row, column = np.unravel_index(overlay.argmax(), overlay.shape)
    return (column + 0.5) / overlay.shape[1], (row + 0.5) / overlay.shape[0]


@pytest.mark.parametrize(("left", "top"), [(0, 0), (128, 0), (64, 64), (0, 128), (128, 128)])
def test_a_pasted_patch_lights_up_where_it_was_pasted(
    compact: SqueezedEncoder, left: int, top: int
) -> None:
    one, other = with_patch("white", left, top), with_patch("#203040", 128 - left, top)
    found = matches(compact.parts(one), compact.parts(other))
    rows, columns = found.shape[:2]
    x, y = place_of(found.sum(axis=(2, 3)))
    assert touches(x, left, columns)
    assert touches(y, top, rows)
    # Pointing there shows it in the other picture.
    x, y = place_of(found[int(y * rows), int(x * columns)])
    assert touches(x, 128 - left, columns)
    assert touches(y, top, rows)


def test_the_parts_of_compact_add_up_to_its_similarity(compact: SqueezedEncoder) -> None:
    pictures = with_patch("white", 0, 0), with_patch("#203040", 64, 128)
    one, other = compact.encode(pictures)
    found = matches(*map(compact.parts, pictures))
    assert found.sum() == pytest.approx(one @ other, abs=1e-3)


def test_random_weights_change_the_map(
    compact: SqueezedEncoder, random_one: SqueezedEncoder
) -> None:
    """Adebayo et al., "Sanity checks for saliency maps" (2018)."""
    pictures = with_patch("white", 0, 0), with_patch("#203040", 64, 128)
    maps = [
        matches(*map(encoder.parts, pictures)).sum(axis=(2, 3)) for encoder in (compact, random_one)
    ]
    ours, theirs = (each / np.abs(each).max() for each in maps)
    assert np.abs(ours - theirs).max() > 0.3

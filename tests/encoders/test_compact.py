"""The shipped encoder: its weights are those it names, and its vectors can be relied on."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from search import encoders
from search.encoders.compact import CompactEncoder, weights
from search.encoders.compact.network import FEATURES
from search.encoders.devices import plan_for
from search.encoders.frozen import FrozenNetwork

MOST_BYTES = 16_000_000


@pytest.fixture(scope="module")
def compact() -> encoders.Encoder:
    return encoders.load("compact")


@pytest.fixture(scope="module")
def images() -> list[Image.Image]:
    """Twenty pictures of a coloured disc, of many sizes."""
    return [disc(60 + 9 * i, 200 - 5 * i, (13 * i, 255 - 12 * i, 90)) for i in range(20)]


def disc(width: int, height: int, colour: tuple[int, int, int]) -> Image.Image:
    image = Image.new("RGB", (width, height), "grey")
    ImageDraw.Draw(image).ellipse((width // 5, height // 5, width // 2, height // 2), colour)
    return image


def test_the_digest_is_that_of_the_shipped_weights() -> None:
    manifest = weights.read_manifest()
    content = (weights.FOLDER / "weights.npz").read_bytes()
    assert manifest.digest == weights.digest_of(content, manifest.input_size)
    assert manifest.digest in (weights.FOLDER / "MODEL_CARD.md").read_text()
    assert len(content) <= MOST_BYTES


def test_the_loaded_encoder_is_the_one_identified(compact: encoders.Encoder) -> None:
    loaded = encoders.EncoderIdentity(compact.name, compact.digest, compact.dimensions)
    assert loaded == encoders.identify("compact")
    assert compact.dimensions <= 512


def test_other_weights_are_not_loaded_under_the_same_digest(tmp_path: Path) -> None:
    shutil.copytree(weights.FOLDER, tmp_path, dirs_exist_ok=True)
    (tmp_path / "weights.npz").write_bytes(b"something else")
    with pytest.raises(weights.DamagedWeights, match="restore both"):
        weights.read_weights(weights.read_manifest(tmp_path), tmp_path)


def test_weights_too_large_for_half_precision_are_as_large_as_it_has_them(tmp_path: Path) -> None:
    weights.write_weights([np.array([1e6, -1e6, 0.5], np.float32)], 64, tmp_path)
    with np.load(tmp_path / "weights.npz") as arrays:
        assert arrays["000"].tolist() == [65504, -65504, 0.5]


def test_another_size_of_input_is_another_digest() -> None:
    assert weights.digest_of(b"the same", 128) != weights.digest_of(b"the same", 64)


def test_vectors_are_of_unit_length(compact: encoders.Encoder, images: list[Image.Image]) -> None:
    vectors = compact.encode(images)
    assert vectors.shape == (20, compact.dimensions)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)


def test_a_picture_has_the_same_vector_wherever_it_stands(
    compact: encoders.Encoder, images: list[Image.Image]
) -> None:
    alone = np.concatenate([compact.encode([image]) for image in images])
    backwards = compact.encode(images[::-1])[::-1]
    assert np.linalg.norm(alone - backwards, axis=1).max() < 1e-3


def test_different_pictures_have_different_vectors(compact: encoders.Encoder) -> None:
    red, also_red, hatched = compact.encode(
        [disc(200, 150, (255, 0, 0)), disc(204, 150, (250, 0, 0)), hatching(200, 150)]
    )
    assert np.linalg.norm(red - also_red) < np.linalg.norm(red - hatched) / 2


def hatching(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height), "white")
    for x in range(0, width, 8):
        ImageDraw.Draw(image).line((x, 0, x + 30, height), "navy", 2)
    return image


def test_the_feature_map_has_rows_columns_and_channels(compact: encoders.Encoder) -> None:
    features = compact.feature_map(disc(200, 150, (255, 0, 0)))
    assert features.shape == (compact.input_size // 32, compact.input_size // 32, FEATURES)
    assert features.dtype == np.float32


def test_on_a_gpu_its_vectors_are_nearly_the_same(images: list[Image.Image]) -> None:
    here, there = CompactEncoder(), CompactEncoder()
    plan = plan_for([(8, 0)], processor_bfloat16=False)
    size, layer = there.input_size, there.frozen.feature_layer
    there.frozen = FrozenNetwork(there.frozen.model, size, layer, plan)
    moved = np.linalg.norm(there.encode(images) - here.encode(images), axis=1)
    # bfloat16 keeps eight bits; pictures of different things are 1.4 apart. Discs, like nothing
    # that it was trained on, move more than twice as far as photographs.
    assert 0 < moved.max() < 0.1

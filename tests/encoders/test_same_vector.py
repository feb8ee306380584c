"""The same image has the same vector, wherever, with whatever and from however much it is made."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search import encoders
from search.encoders.pictures import open_squeezed, opened_for_encoding
from tests.encoders.encoding_process import scenes
from tests.test_imports import run_python

COUNT = 64
LARGE = (3600, 2880)
# The worker's limit is 1200, of which Celery takes 20 beside what is loaded here.
MOST_MEGABYTES = 1170
# Of 1.4 between pictures of different things.
MOST_MOVED = 0.01


def farthest(some: Any, others: Any) -> float:
    return float(np.linalg.norm(np.asarray(some) - np.asarray(others), axis=1).max())


@pytest.fixture(scope="module")
def compact() -> encoders.Encoder:
    return encoders.load("compact")


@pytest.fixture(scope="module")
def vectors(compact: encoders.Encoder) -> np.ndarray:
    return compact.encode(scenes(range(COUNT)))


@pytest.fixture(scope="module")
def elsewhere() -> Any:
    """What another process says."""
    return run_python("-m", "tests.encoders.encoding_process", str(COUNT))


@pytest.mark.parametrize("size", [1, 3, 17])
def test_in_a_batch_of_any_size(compact: encoders.Encoder, vectors: np.ndarray, size: int) -> None:
    assert farthest(compact.encode(scenes(range(size))), vectors[:size]) < 1e-3


def test_at_any_place_of_a_batch(compact: encoders.Encoder, vectors: np.ndarray) -> None:
    assert farthest(compact.encode(scenes(range(COUNT))[::-1])[::-1], vectors) < 1e-3


def test_in_another_process(elsewhere: Any, vectors: np.ndarray) -> None:
    assert farthest(elsewhere["vectors"], vectors) < 1e-3


def test_a_process_that_encodes_stays_small(elsewhere: Any) -> None:
    assert elsewhere["megabytes"] < MOST_MEGABYTES


def test_from_a_photograph_that_was_decoded_only_as_far_as_it_takes(
    compact: encoders.Encoder,
) -> None:
    files = [large(grainy(scene), "JPEG") for scene in scenes(range(8))]
    for file in files:
        with opened_for_encoding(file, compact.input_size) as picture:
            assert picture.width == LARGE[0] // 2
    assert moved(compact, files) < MOST_MOVED


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_from_a_drawing_that_was_decoded_whole(compact: encoders.Encoder, kind: str) -> None:
    assert moved(compact, [large(scene, kind) for scene in scenes(range(4))]) < 1e-3


def moved(compact: encoders.Encoder, files: list[BytesIO]) -> float:
    """How far the vector of a file lies from that of the whole picture in it."""
    whole = [Image.open(file).convert("RGB") for file in files]
    opened = [open_squeezed(file, compact.input_size) for file in files]
    return farthest(compact.encode(opened), compact.encode(whole))


def grainy(scene: Image.Image) -> Image.Image:
    """The scene as a camera would have it, as large as that makes files."""
    # The same at every run, which Pillow's own noise is not.
    noise = np.random.default_rng(0).normal(128, 60, LARGE[::-1]).clip(0, 255).astype(np.uint8)
    grain = Image.fromarray(noise).convert("RGB")
    return Image.blend(scene.resize(LARGE), grain, 0.1)


def large(scene: Image.Image, kind: str) -> BytesIO:
    file = BytesIO()
    scene.resize(LARGE).save(file, kind, **({"quality": 92} if kind == "JPEG" else {}))
    return file

"""An added encoder is who its manifest says, and its files are checked against it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search import encoders
from search.encoders import DamagedWeights, UnknownEncoder, installing, manifests
from search.encoders.applications import Application
from search.encoders.manifests import Manifest
from search.encoders.tensorflow import import_tensorflow
from tests.keras_files import SAVING, write_network

pytestmark = pytest.mark.filterwarnings(SAVING)


@pytest.fixture
def mine(tmp_path: Path) -> Manifest:
    """An installed network of one's own."""
    manifest = installing.from_file("mine", write_network(tmp_path / "net.keras"), "raw", 16)
    manifests.write(manifest)
    return manifest


def test_it_is_found_by_name_beside_the_built_in_ones(mine: Manifest) -> None:
    assert encoders.identify("mine") == mine.identity
    assert (mine.dimensions, mine.input_size) == (6, 16)
    with pytest.raises(UnknownEncoder, match=r"no encoder 'vgg'.*compact, mine, tiny"):
        encoders.identify("vgg")


def test_it_is_loaded_once_a_process(mine: Manifest) -> None:
    encoder = encoders.load("mine", mine.digest)
    assert encoder is encoders.load("mine")
    vector, other = encoder.encode(
        [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    )
    assert np.linalg.norm(vector) == pytest.approx(1)
    assert np.linalg.norm(vector - other) > 0.01
    assert encoder.feature_map(Image.new("RGB", (40, 30))).shape == (4, 4, 6)


def test_another_one_of_that_name_is_not_loaded_for_it(mine: Manifest) -> None:
    with pytest.raises(UnknownEncoder, match="'tiny' is another here: 00000000, not ffffffff"):
        encoders.load("tiny", "f" * 64)


@pytest.mark.parametrize(
    "change",
    [
        {"weights_sha256": "a"},
        {"preprocess": "tf"},
        {"input_size": 8},
        {"dimensions": 5},
        {"network": "keras.applications:ResNet50"},
        {"whitening_sha256": "a"},
        {"pixels": "cropped"},
    ],
)
def test_all_that_a_vector_depends_on_is_in_the_digest(change: dict[str, str]) -> None:
    manifest = Manifest("mine", "file", "raw", 16, 6, "b")
    assert replace(manifest, **change).digest != manifest.digest  # type: ignore[arg-type]
    assert replace(manifest, name="yours").digest == manifest.digest


def test_one_added_by_a_version_that_made_other_pixels_is_another_now(mine: Manifest) -> None:
    before = replace(mine, pixels="rounded")
    manifests.write(before)
    assert encoders.identify("mine").digest == mine.digest != before.digest


def test_changed_weights_are_not_those_of_the_manifest(mine: Manifest) -> None:
    mine.weights.write_bytes(b"something else")
    with pytest.raises(DamagedWeights, match=r"is not what manifest\.json beside it describes"):
        encoders.identify("mine")


def test_missing_weights_are_named(mine: Manifest) -> None:
    mine.weights.unlink()
    with pytest.raises(DamagedWeights, match="is missing: add the encoder again"):
        encoders.load("mine")


def test_a_folder_without_a_manifest_is_no_encoder(mine: Manifest) -> None:
    (mine.folder / "manifest.json").unlink()
    assert manifests.names() == []
    manifests.prune("mine")
    assert not mine.folder.exists()


def test_a_manifest_that_can_not_be_read_is_named(mine: Manifest) -> None:
    (mine.folder / "manifest.json").write_text("{")
    with pytest.raises(DamagedWeights, match=r"manifest\.json can't be read"):
        encoders.identify("mine")


def test_pruning_leaves_what_the_manifest_speaks_of(mine: Manifest) -> None:
    (mine.folder / "older.keras").touch()
    manifests.prune("mine")
    assert {path.name for path in mine.folder.iterdir()} == {"manifest.json", mine.weights_file}


@pytest.mark.parametrize("name", ["../mine", "", ".hidden", "a/b", "a@b"])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(UnknownEncoder):
        encoders.identify(name)


def test_a_whitened_encoder_goes_with_the_weights_it_was_whitened_from() -> None:
    manifest = Manifest("tiny-2", "built-in:tiny", "raw", 16, 2, "a" * 64)
    manifests.write(manifest)
    with pytest.raises(UnknownEncoder, match=r"whitened from tiny.*aaaaaaaa.*00000000 here"):
        encoders.identify("tiny-2")


def test_a_network_of_keras_applications_answers_with_its_weights(
    tmp_path: Path, settings: Any
) -> None:
    import_tensorflow()
    import keras

    options = {"include_top": False, "weights": None, "input_shape": (32, 32, 3), "pooling": "avg"}
    network = keras.applications.MobileNetV3Small(**options)
    # Random weights let so little through that it would have no direction.
    network.get_layer("conv_1_bn").gamma.assign(np.full(576, 1e10))
    network.save(tmp_path / "net.h5")
    settings.ENCODER_WEIGHTS_DIR = tmp_path
    digest = manifests.sha256_of(tmp_path / "net.h5")
    small = Application("MobileNetV3Small", 32, 576, "nets/net.h5", digest)
    encoder = installing.loaded(installing.from_application("small", small))
    picture = Image.linear_gradient("L").resize((32, 32)).convert("RGB")
    expected = np.asarray(network(np.asarray(picture, np.float32)[None], training=False))[0]
    (vector,) = encoder.encode([picture])
    assert vector.shape == (576,)
    # bfloat16 moves a vector a little.
    assert np.linalg.norm(vector - expected / np.linalg.norm(expected)) < 0.1

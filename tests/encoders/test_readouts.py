"""How a network makes its vector is read from its layers, if it pools by the average."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search.encoders import installing, manifests
from search.encoders.compact.network import FEATURE_MAP_LAYER
from search.encoders.devices import Plan, plan_for
from search.encoders.explaining import Readout, Unexplainable, matches
from search.encoders.networks import assembled
from search.encoders.readouts import readout_of
from search.encoders.squeezed import SqueezedEncoder
from search.encoders.tensorflow import import_tensorflow
from tests.keras_files import SAVING, write_network

pytestmark = pytest.mark.filterwarnings(SAVING)

RANDOM = np.random.default_rng(0)
NOISE = [Image.fromarray(RANDOM.integers(0, 255, (32, 32, 3), np.uint8)) for _ in range(2)]


def encoder_of(*behind: Any, plan: Plan | None = None) -> SqueezedEncoder:
    """A small network whose map of features goes through these layers."""
    import keras

    keras.utils.set_random_seed(0)
    pixels = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(5, 8, strides=8, activation="relu")(pixels)
    for layer in behind:
        x = layer(x)
    model = assembled(keras.Model(pixels, x), "127,128", 32)
    encoder = SqueezedEncoder(model, 32, FEATURE_MAP_LAYER, readout_of(model), plan)
    encoder.name = "small"
    return encoder


def layers() -> Any:
    import_tensorflow()
    import keras

    return keras.layers


def trained(layer: Any) -> Any:
    """The layer with weights as if it had learned something."""
    layer.build((None, 5))
    layer.set_weights([RANDOM.uniform(0.5, 2, value.shape) for value in layer.get_weights()])
    return layer


def heads() -> dict[str, list[Any]]:
    pool = layers().GlobalAveragePooling2D
    return {
        "map": [],
        "average": [pool()],
        "head": [pool(), layers().Dropout(0.5), layers().Dense(4), layers().UnitNormalization()],
        "no bias": [pool(), layers().Dense(4, use_bias=False), layers().Activation("linear")],
        "batches": [pool(), trained(layers().BatchNormalization())],
        "layers": [pool(), trained(layers().LayerNormalization()), layers().Dense(3)],
    }


@pytest.mark.parametrize("kind", ["map", "average", "head", "no bias", "batches", "layers"])
def test_what_is_read_adds_up(kind: str) -> None:
    encoder = encoder_of(*heads()[kind])
    one, other = encoder.encode(NOISE)
    found = matches(*map(encoder.parts, NOISE))
    assert found.shape == (4, 4, 4, 4)
    assert found.sum() == pytest.approx(one @ other, abs=1e-3)


@pytest.mark.parametrize("kind", ["head", "layers"])
def test_on_a_gpu_too_the_parts_add_up_to_the_vector(kind: str) -> None:
    on_gpu = plan_for([(9, 0)], processor_bfloat16=False)
    encoder = encoder_of(*heads()[kind], plan=on_gpu)
    missing = encoder.encode(NOISE[:1])[0] - encoder.parts(NOISE[0]).sum(axis=(0, 1))
    assert np.linalg.norm(missing) < 1e-3


def test_a_whitened_encoder_explains_itself(tmp_path: Path) -> None:
    bare = installing.from_file("mine", write_network(tmp_path / "net.keras"), "raw", 32)
    vectors = RANDOM.uniform(0, 1, (50, 6)).astype(np.float32)
    encoder = installing.loaded(installing.with_whitening(bare, vectors, 4))
    one, other = encoder.encode(NOISE)
    assert matches(*map(encoder.parts, NOISE)).sum() == pytest.approx(one @ other, abs=1e-3)


def test_a_whitened_built_in_encoder_explains_itself() -> None:
    bare = installing.from_built_in("shorter", "compact")
    vectors = RANDOM.normal(size=(50, bare.dimensions)).astype(np.float32)
    manifest = installing.with_whitening(bare, vectors, 8)
    manifests.write(manifest)
    encoder = installing.loaded(manifest)
    one, other = encoder.encode(NOISE)
    assert matches(*map(encoder.parts, NOISE)).sum() == pytest.approx(one @ other, abs=1e-3)


def test_what_is_no_sum_over_places_says_so() -> None:
    curved = [layers().GlobalAveragePooling2D(), layers().Dense(4, activation="relu")]
    for behind in (curved, [layers().GlobalMaxPooling2D()], [layers().Flatten()]):
        with pytest.raises(Unexplainable, match="“small” makes one whole of a picture"):
            encoder_of(*behind).parts(NOISE[0])


def test_a_vector_from_no_map_has_no_places() -> None:
    cell = [layers().Conv2D(4, 4), layers().Reshape((4,))]
    with pytest.raises(Unexplainable, match="can’t tell which places count"):
        encoder_of(*cell).parts(NOISE[0])


def test_what_does_not_add_up_is_no_explanation() -> None:
    encoder = encoder_of()
    encoder.readout = Readout(8)
    with pytest.raises(Unexplainable, match="does not add up to its vector"):
        encoder.parts(NOISE[0])

"""Networks from anywhere become one vector a picture, and keep their features before pooling."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from search.encoders.compact.network import FEATURE_MAP_LAYER
from search.encoders.networks import UnusableNetwork, assembled, read_file, whitened
from search.encoders.tensorflow import import_tensorflow
from tests.keras_files import SAVING, write_network

pytestmark = pytest.mark.filterwarnings(SAVING)

PIXELS = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)


def layers() -> Any:
    import_tensorflow()
    import keras

    return keras.layers


def answer(network: Any) -> np.ndarray:
    return np.asarray(network(PIXELS, training=False))


def features_of(network: Any) -> np.ndarray:
    import keras

    return answer(keras.Model(network.inputs[0], network.get_layer(FEATURE_MAP_LAYER).output))


def test_a_map_of_features_is_averaged(tmp_path: Path) -> None:
    network = read_file(write_network(tmp_path / "net.keras"))
    made = assembled(network, "raw", 32)
    maps = answer(network)
    assert np.allclose(answer(made), maps.mean(axis=(1, 2)), rtol=1e-4)
    assert np.allclose(features_of(made), maps, rtol=1e-4)


def test_a_network_of_one_input_and_output_in_lists_is_one_too(tmp_path: Path) -> None:
    plain = read_file(write_network(tmp_path / "net.keras"))
    import keras

    keras.Model([plain.inputs[0]], [plain.outputs[0]]).save(tmp_path / "lists.keras")
    listed = read_file(tmp_path / "lists.keras")
    assert np.allclose(answer(assembled(listed, "raw", 32)), answer(assembled(plain, "raw", 32)))


def test_a_vector_is_the_vector_and_the_map_it_was_pooled_from_is_kept() -> None:
    pixels = layers().Input((32, 32, 3))
    maps = layers().Conv2D(5, 8, strides=8)(pixels)
    vector = layers().Dense(4)(layers().GlobalMaxPooling2D()(maps))
    import keras

    network = keras.Model(pixels, vector)
    made = assembled(network, "raw", 32)
    assert np.allclose(answer(made), answer(network), rtol=1e-4)
    assert features_of(made).shape == (2, 4, 4, 5)


def test_a_vector_from_no_map_is_a_map_of_one_cell() -> None:
    inside = layers().Conv2D(5, 32), layers().Reshape((5,))
    import keras

    network = keras.Sequential([keras.Input((32, 32, 3)), keras.Sequential(list(inside))])
    made = assembled(network, "raw", 32)
    assert np.allclose(features_of(made)[:, 0, 0], answer(network), rtol=1e-4)
    assert np.allclose(answer(made), answer(network), rtol=1e-4)


def test_a_file_made_for_another_size_is_rebuilt(tmp_path: Path) -> None:
    network = read_file(write_network(tmp_path / "net.keras", size=8))
    made = assembled(network, "127,128", 32)
    assert made.input_shape == (None, 32, 32, 3)
    assert features_of(made).shape == (2, 8, 8, 6)


def test_convnext_with_depthwise_convolutions_gives_the_same_answers() -> None:
    import_tensorflow()
    from keras.src.applications.convnext import ConvNeXt

    network = ConvNeXt(
        depths=[1, 1, 1, 1],
        projection_dims=[8, 16, 24, 32],
        layer_scale_init_value=1.0,
        include_top=False,
        input_shape=(32, 32, 3),
        pooling="avg",
        name="convnext_small",
    )
    made = assembled(network, "raw", 32)
    kinds = [type(layer).__name__ for layer in made.layers[1].layers]
    assert kinds.count("DepthwiseConv2D") == 4
    assert np.abs(answer(made) - answer(network)).max() < 1e-4


def test_statistics_that_a_network_was_adapted_to_are_its_own(tmp_path: Path) -> None:
    adapted = layers().Normalization()
    adapted.adapt(PIXELS)
    import keras

    pixels = keras.Input((32, 32, 3))
    inner = keras.Sequential([keras.Input((32, 32, 3)), adapted])
    keras.Model(pixels, layers().Conv2D(5, 8, strides=8)(inner(pixels))).save(tmp_path / "a.keras")
    network = read_file(tmp_path / "a.keras")
    made = assembled(network, "raw", 32)
    assert np.allclose(features_of(made), answer(network), atol=1e-4)


def test_whitening_is_one_more_layer(tmp_path: Path) -> None:
    network = assembled(read_file(write_network(tmp_path / "net.keras")), "raw", 32)
    kernel = np.eye(6, 2, dtype=np.float32)
    bias = np.array([0.5, -1], np.float32)
    made = whitened(network, kernel, bias)
    vectors = answer(network)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.allclose(answer(made), unit[:, :2] + bias, atol=1e-4)
    assert features_of(made).shape == (2, 8, 8, 6)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    path.write_bytes(b"no network")
    with pytest.raises(UnusableNetwork, match=r"net\.keras can't be loaded as a Keras network"):
        read_file(path)


@pytest.mark.filterwarnings("ignore:You are saving a model that has not yet been built")
@pytest.mark.parametrize(
    ("shape", "said"), [((10,), "must take pictures"), (None, "must have one input")]
)
def test_a_network_for_no_pictures_is_refused(
    tmp_path: Path, shape: tuple[int, ...] | None, said: str
) -> None:
    first = [layers().Input(shape)] if shape else []
    import keras

    keras.Sequential([*first, layers().Dense(4)]).save(tmp_path / "net.keras")
    with pytest.raises(UnusableNetwork, match=said):
        read_file(tmp_path / "net.keras")


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    from_code = layers().Lambda(lambda x: x * 2)
    import keras

    network = keras.Sequential([keras.Input((8, 8, 3)), from_code])
    network.save(tmp_path / "net.keras")
    with pytest.raises(UnusableNetwork, match="Lambda"):
        read_file(tmp_path / "net.keras")


def test_a_network_that_is_bound_to_its_size_is_refused_for_another() -> None:
    import keras

    flat = [layers().Flatten(), layers().Dense(4)]
    network = keras.Sequential([keras.Input((8, 8, 3)), *flat])
    with pytest.raises(UnusableNetwork, match="can't be built for pictures of 32 x 32"):
        assembled(network, "raw", 32)

"""Networks from anywhere, made ready to be frozen: uint8-range RGB in, one vector out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from search.encoders import applications, whitening
from search.encoders.cloning import set_weights
from search.encoders.compact.network import FEATURE_MAP_LAYER
from search.encoders.explaining import Linear, Readout, UnitLength
from search.encoders.manifests import APPLICATION, TRAINED
from search.encoders.preprocessing import preprocessed
from search.encoders.readouts import readout_of, readout_of_trained
from search.encoders.squeezed import SqueezedEncoder
from search.encoders.tensorflow import import_tensorflow

if TYPE_CHECKING:
    from pathlib import Path

    import keras
    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.manifests import Manifest


class UnusableNetwork(Exception):
    """The network can't be an encoder; the message says why."""


class Network(NamedTuple):
    """A model with a layer FEATURE_MAP_LAYER, and how it makes its vector of that, if known."""

    model: keras.Model
    readout: Readout | None


def network_of(manifest: Manifest) -> Network:
    """The network that a manifest describes."""
    network = _base_of(manifest)
    if not manifest.whitening_sha256:
        return network
    linear = whitening.read(manifest.whitening)
    readout = network.readout and network.readout.followed_by(UnitLength(), Linear(*linear))
    return Network(whitened(network.model, *linear), readout)


def _base_of(manifest: Manifest) -> Network:
    import_tensorflow()
    if manifest.base:
        return network_named(manifest.base)
    kind, _, function = manifest.network.partition(":")
    if kind == TRAINED:
        trained = read_file(manifest.weights)
        return Network(trained, readout_of_trained(trained))
    if kind == APPLICATION:
        network = applications.build(function, manifest.weights, manifest.input_size)
    else:
        network = read_file(manifest.weights)
    model = assembled(network, manifest.preprocess, manifest.input_size)
    return Network(model, readout_of(model))


def network_named(name: str) -> Network:
    """The encoder's network, not frozen yet; UnusableNetwork if it is none of Keras."""
    from search.encoders.registry import build

    encoder = build(name)
    if not isinstance(encoder, SqueezedEncoder) or encoder.frozen.model is None:
        raise UnusableNetwork(f"The encoder {name!r} is no Keras network.")
    return Network(encoder.frozen.model, encoder.readout)


def read_file(path: Path) -> keras.Model:
    """The network in a `.keras` file; UnusableNetwork where there is none to be had.

    Code in it (Lambda layers) is never run.
    """
    import_tensorflow()
    import keras

    try:
        network = keras.models.load_model(path, compile=False, safe_mode=True)
    # Keras raises whatever broken content leads to.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise UnusableNetwork(f"{path} can't be loaded as a Keras network: {reason}") from error
    # A Sequential that was never built has none.
    inputs = getattr(network, "inputs", [])
    if len(inputs) != 1 or len(network.outputs) != 1:
        raise UnusableNetwork(f"{path} must have one input and one output.")
    if len(inputs[0].shape) != 4:
        raise UnusableNetwork(f"{path} must take pictures: height, width and channels.")
    if isinstance(network.input, keras.KerasTensor) and isinstance(
        network.output, keras.KerasTensor
    ):
        return network
    # They were given as lists of one.
    return keras.Model(inputs[0], network.outputs[0])


def input_size_of(network: keras.Model) -> int | None:
    """The side of the square pictures that the network was made for; None if it takes any."""
    height, width = network.inputs[0].shape[1:3]
    return height if height == width else None


def assembled(network: keras.Model, preprocess: str, input_size: int) -> keras.Model:
    """RGB in 0..255 (n, size, size, 3) -> (n, d): preprocessing, network, average pooling.

    A network that has its vector already keeps it. UnusableNetwork if it is not made for pictures.
    """
    import keras

    try:
        head, tail = _split(_rebuilt(network, input_size))
        pixels = keras.Input((input_size, input_size, 3), name="pixels")
        features = head(preprocessed(pixels, preprocess))
        features = keras.layers.Activation("linear", name=FEATURE_MAP_LAYER)(features)
        return keras.Model(pixels, tail(features))
    except (ValueError, TypeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise UnusableNetwork(
            f"The network can't be built for pictures of {input_size} x {input_size}: {reason}"
        ) from error


def whitened(
    network: keras.Model, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> keras.Model:
    """The network whose unit-length vectors go through one more linear layer."""
    import keras

    unit = keras.layers.UnitNormalization()(network.outputs[0])
    layer = keras.layers.Dense(kernel.shape[1], name="whitening")
    answer = keras.Model(network.inputs[0], layer(unit))
    layer.set_weights([kernel, bias])
    return answer


def _split(network: keras.Model) -> tuple[Any, Any]:
    """What makes the features (n, h, w, c), and what makes the vector (n, d) of them.

    A vector that no map was pooled into counts as a map of one cell.
    """
    import keras

    pool = keras.layers.GlobalAveragePooling2D()
    if len(network.outputs[0].shape) == 4:
        return network, pool
    if len(network.outputs[0].shape) != 2:
        raise ValueError("its output is neither a vector nor a map of features.")
    for layer in reversed(network.layers):
        if _flattens(layer):
            head = keras.Model(network.inputs[0], layer.input)
            return head, keras.Model(layer.input, network.outputs[0])
    cell = keras.layers.Reshape((1, 1, network.outputs[0].shape[1]))
    return keras.Sequential([network, cell]), pool


def _flattens(layer: keras.layers.Layer) -> bool:
    """Whether the layer turns maps of features to vectors; a whole network in one is no such."""
    import keras

    source, answer = layer.input, layer.output
    if isinstance(layer, keras.Model):
        return False
    return not isinstance(source, list) and (len(source.shape), len(answer.shape)) == (4, 2)


def _rebuilt(network: keras.Model, input_size: int) -> keras.Model:
    """A copy for pictures of that size, for its file may fix another.

    Convolutions of as many groups as channels, which Keras' ConvNeXt has, become depthwise ones:
    the same numbers, several times faster on a processor.
    """
    import keras

    copy = keras.models.clone_model(
        network,
        input_tensors=keras.Input((input_size, input_size, 3)),
        clone_function=_cloned,
        recursive=True,
    )
    pairs = zip(network.weights, copy.weights, strict=True)
    set_weights(copy, [_fitted(value.numpy(), variable.shape) for value, variable in pairs])
    return copy


def _cloned(layer: keras.layers.Layer) -> keras.layers.Layer:
    import keras

    config = layer.get_config()
    if not isinstance(layer, keras.layers.Conv2D) or not 1 < layer.groups == layer.filters:
        return layer.__class__.from_config(config)
    if layer.kernel.shape[2] != 1:
        return layer.__class__.from_config(config)
    kept = ("name", "kernel_size", "strides", "padding", "dilation_rate", "activation", "use_bias")
    return keras.layers.DepthwiseConv2D(**{name: config[name] for name in kept})


def _fitted(value: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A depthwise kernel is (h, w, channels, 1) where a grouped one was (h, w, 1, channels)."""
    if value.shape != shape and value.ndim == 4:
        return value.swapaxes(2, 3)
    return value

"""How Keras networks make their vector of their features, read from their layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from search.encoders.compact.network import FEATURE_MAP_LAYER, POOLING_LAYER, POOLING_POWER
from search.encoders.explaining import (
    Joined,
    Linear,
    Readout,
    Step,
    UnitDeviation,
    UnitLength,
)

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray


class NoSum(Exception):
    """A vector that passed through this layer is no sum over places any more."""


def readout_of(network: keras.Model) -> Readout | None:
    """How the vector is made of the layer FEATURE_MAP_LAYER; None where it is no sum over places.

    Only averages are known as poolings.
    """
    import keras

    names = [operation.name for operation in network.operations]
    pool, *rest = _flat(network.operations[names.index(FEATURE_MAP_LAYER) + 1 :])
    if not isinstance(pool, keras.layers.GlobalAveragePooling2D):
        return None
    try:
        return Readout(1, tuple(step for layer in rest for step in _steps(layer)))
    except NoSum:
        return None


def readout_of_trained(network: keras.Model) -> Readout | None:
    """The same of a network trained here: both halves of a fine-tuned one have their own chain.

    See `search.encoders.learning.fine_tuning`. The classic network flattens its map: no sum.
    """
    from keras import layers

    last = _source(network.output)
    if not isinstance(last, layers.Concatenate):
        return None
    try:
        power, branches = zip(*(_branch(half) for half in last.input), strict=True)
    except NoSum:
        return None
    return Readout(power[0], (Joined(branches),))


def _branch(tensor: Any) -> tuple[float, tuple[Step, ...]]:
    """The exponent of the pooling, and all steps from there to `tensor`."""
    from keras import layers

    operations = list(_flat(_chain_to(tensor)))
    names = [operation.name for operation in operations]
    if POOLING_LAYER in names:
        power, rest = POOLING_POWER, operations[names.index(POOLING_LAYER) + 1 :]
    elif operations and isinstance(operations[0], layers.GlobalAveragePooling2D):
        power, rest = 1.0, operations[1:]
    else:
        raise NoSum
    return power, tuple(step for layer in rest for step in _steps(layer))


def _chain_to(tensor: Any) -> list[Any]:
    """What is computed between the features and `tensor`, as long as nothing joins."""
    chain: list[Any] = []
    operation = _source(tensor)
    while operation.name != FEATURE_MAP_LAYER:
        chain.insert(0, operation)
        if isinstance(operation.input, list) or operation.input is None:
            raise NoSum
        operation = _source(operation.input)
    return chain


def _source(tensor: Any) -> Any:
    """The operation that gives a symbolic tensor; Keras has no public name for it."""
    return tensor._keras_history.operation


def _flat(operations: list[Any]) -> Iterator[Any]:
    """All that is computed, in its order, that of networks inside networks too."""
    import keras

    for operation in operations:
        if isinstance(operation, keras.Model):
            yield from _flat(operation.operations)
        elif not isinstance(operation, keras.layers.InputLayer):
            yield operation


def _steps(layer: Any) -> Iterator[Step]:
    """The layer as steps. Whatever joins branches is none of these, so what passes is a chain."""
    import numpy as np
    from keras import layers

    match layer:
        case layers.Dense() if _is_linear(layer):
            yield Linear(_numbers(layer.kernel), _numbers(layer.bias))
        case layers.BatchNormalization():
            yield _normalized_by_batches(layer)
        case layers.LayerNormalization():
            yield UnitDeviation(layer.epsilon)
            yield Linear(_numbers(layer.gamma, 1.0), _numbers(layer.beta))
        case layers.UnitNormalization():
            yield UnitLength()
        case layers.Rescaling():
            yield Linear(np.array([layer.scale]), np.array([layer.offset]))
        case layers.Activation() if _is_linear(layer):
            pass
        case layers.Dropout():
            pass
        case _:
            raise NoSum


def _normalized_by_batches(layer: Any) -> Linear:
    import numpy as np

    deviation = np.sqrt(_numbers(layer.moving_variance) + layer.epsilon)
    scale = _numbers(layer.gamma, 1.0) / deviation
    return Linear(scale, _numbers(layer.beta) - _numbers(layer.moving_mean) * scale)


def _is_linear(layer: Any) -> bool:
    import keras

    return bool(layer.activation is keras.activations.linear)


def _numbers(variable: Any, missing: float = 0.0) -> NDArray[np.float32]:
    """A variable's value; one number for all where the layer goes without it."""
    import numpy as np

    return np.asarray([missing] if variable is None else variable, np.float32)

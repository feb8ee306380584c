"""The one place that imports TensorFlow: its noise silenced, set up for the machine at hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from search.encoders.devices import Plan, has_bfloat16, plan_for, processors

# Operations that oneDNN never rounds to bfloat16: the last layers' products, or vectors would not
# quite be the sum of their parts (see search.encoders.explaining); and the gradients of depthwise
# convolutions, which take several times as long in it.
IN_FULL_PRECISION = (
    "MatMul",
    "DepthwiseConv2dNativeBackpropFilter",
    "DepthwiseConv2dNativeBackpropInput",
)

# TensorFlow's option to have oneDNN compute in bfloat16 whatever it can of a graph.
BY_ONEDNN = "auto_mixed_precision_onednn_bfloat16"


@cache
def import_tensorflow() -> Any:
    """The tensorflow module; importing it takes seconds, so only code that encodes may ask."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Off by default where a processor has no AVX-512, though it doubles the speed there too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault(
        "TF_AUTO_MIXED_PRECISION_GRAPH_REWRITE_ALLOWLIST_REMOVE", ",".join(IN_FULL_PRECISION)
    )
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with _silent_standard_error():
        import tensorflow as tf

    _set_up(tf)
    return tf


def _set_up(tf: Any) -> None:
    # Its warnings are of how functions are traced and what will be called otherwise, and say that
    # to whoever trains or starts a worker.
    tf.get_logger().setLevel("ERROR")
    # A container may be given fewer processors than the machine has, and TensorFlow counts all.
    tf.config.threading.set_intra_op_parallelism_threads(processors())
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        # Otherwise TensorFlow takes all of its memory at once, and nobody else gets any.
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.optimizer.set_experimental_options(
        {
            # Makes `compact` no faster, and holds one more copy of its weights while it looks.
            "arithmetic_optimization": False,
            BY_ONEDNN: has_bfloat16() and not gpus,
        }
    )


@contextmanager
def rounding_by_onednn(is_on: bool) -> Iterator[None]:
    """Whether oneDNN may compute in bfloat16 what is run inside, where layers say nothing of it."""
    optimizer = import_tensorflow().config.optimizer
    before = optimizer.get_experimental_options().get(BY_ONEDNN, False)
    optimizer.set_experimental_options({BY_ONEDNN: is_on})
    try:
        yield
    finally:
        optimizer.set_experimental_options({BY_ONEDNN: before})


@cache
def machine_plan() -> Plan:
    """How networks are computed on this machine."""
    tf = import_tensorflow()
    details = map(tf.config.experimental.get_device_details, tf.config.list_physical_devices("GPU"))
    capabilities = [found.get("compute_capability", (0, 0)) for found in details]
    return plan_for(capabilities, processor_bfloat16=has_bfloat16())


@contextmanager
def _silent_standard_error() -> Iterator[None]:
    """Drop what native code prints: TensorFlow greets before its log level counts.

    Errors are exceptions and come through.
    """
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)

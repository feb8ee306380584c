"""The one place that imports TensorFlow: its noise silenced, set up for the machine at hand."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

BFLOAT16_FLAGS = {"amx_bf16", "avx512_bf16"}


@cache
def import_tensorflow() -> Any:
    """The tensorflow module; importing it takes seconds, so only code that encodes may ask."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Off by default where a processor has no AVX-512, though it doubles the speed there too.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with _silent_standard_error():
        import tensorflow as tf

    # A container may be given fewer processors than the machine has, and TensorFlow counts all.
    tf.config.threading.set_intra_op_parallelism_threads(processors())
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    if precision() == "bfloat16":
        options = {"auto_mixed_precision_onednn_bfloat16": True}
        tf.config.optimizer.set_experimental_options(options)
    return tf


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        # macOS has no affinity.
        return os.cpu_count() or 1


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


def precision(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """How this processor multiplies: "bfloat16" where it has that in hardware, or "float32"."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return "float32"
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return "bfloat16" if BFLOAT16_FLAGS.intersection(flags) else "float32"

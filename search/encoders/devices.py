"""How networks are computed on the devices there are."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

BFLOAT16_FLAGS = {"amx_bf16", "avx512_bf16"}
# Compute capability of Ampere, the first GPUs that multiply bfloat16.
BFLOAT16_CAPABILITY = (8, 0)
# While one part of a batch is encoded the next is decoded; no more pictures than these are in
# memory.
PARTS = 4

Capability = tuple[int, int]


@dataclass(frozen=True)
class Plan:
    """On a GPU a network is compiled by XLA, which is slower on a processor."""

    on_gpu: bool
    # "float32" or "bfloat16".
    precision: str
    # A batch is filled up to the next of these, so that few shapes are ever compiled for.
    batch_shapes: tuple[int, ...]
    # Pictures that are claimed at once where settings don't say how many: whoever asks by one waits
    # for no more than them, and their parts fill one of the shapes.
    batch_size: int

    def shapes_for(self, most: int) -> tuple[int, ...]:
        """Those that batches of up to `most` pictures are filled up to."""
        smaller = (0, *self.batch_shapes)
        return tuple(
            shape
            for before, shape in zip(smaller, self.batch_shapes, strict=False)
            if before < most
        )


def plan_for(gpus: Sequence[Capability], *, processor_bfloat16: bool) -> Plan:
    """What to do with GPUs of these compute capabilities, or with the processor if there are none.

    Of several GPUs only the weakest counts: which of them a network lands on is not known.
    """
    if not gpus and processor_bfloat16:
        return Plan(False, "bfloat16", (1, 4, 8, 16, 32), batch_size=16)
    if not gpus:
        # Maps of 16 pictures take as much memory in float32 as those of 32 in bfloat16, and more
        # pictures at once are no quicker.
        return Plan(False, "float32", (1, 4, 8, 16), batch_size=16)
    able = min(gpus) >= BFLOAT16_CAPABILITY
    precision = "bfloat16" if able else "float32"
    return Plan(True, precision, (1, 8, 32, 128, 256), batch_size=128)


def part_size(batch_size: int) -> int:
    """How many pictures of a batch are encoded at once."""
    return max(1, ceil(batch_size / PARTS))


def has_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether this processor multiplies bfloat16 in hardware."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return False
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    return bool(BFLOAT16_FLAGS.intersection(flags))


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        # macOS has no affinity.
        return os.cpu_count() or 1

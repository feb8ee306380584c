"""Memory of a process that computes with networks."""

from __future__ import annotations

import gc
import re
from pathlib import Path

from gallery.room import give_back


def release_memory() -> None:
    """Give back what is no longer used.

    Building a network takes hundreds of megabytes for a moment. The C library keeps them for the
    process, and the next network's moment comes on top of them.
    """
    gc.collect()
    give_back()


def peak_megabytes(status: Path = Path("/proc/self/status")) -> float:
    """The most memory this process ever held at once; NaN where the system does not say."""
    # Not getrusage(): its peak includes the process that started this one.
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text())
    except OSError:
        return float("nan")
    return int(found[1]) / 1024 if found else float("nan")

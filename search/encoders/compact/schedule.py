"""How training spends its budget, as functions of the share already spent (0..1).

The share is of time or of steps, whichever the budget was given in. Pictures grow with it:
early steps are cheap and many, late ones see the detail ("progressive learning", Tan and Le,
"EfficientNetV2", 2021). The rate follows a warm-up and half a cosine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

PEAK_RATE = 1.5e-3
LAST_RATE = 1e-5
WARM_UP = 0.02


@dataclass(frozen=True)
class Stage:
    """From `starts` on the network sees pictures of `size`, cut from photographs of `photo_size`.

    Those are a little larger, so that a small crop still has detail and a whole one no aliasing.
    """

    starts: float
    size: int
    photo_size: int


STAGES = (
    Stage(starts=0.0, size=64, photo_size=96),
    Stage(starts=0.5, size=96, photo_size=128),
)


def stage_at(share: float) -> Stage:
    """The stage that training is in when this share of its budget is spent."""
    return next(stage for stage in reversed(STAGES) if share >= stage.starts)


def rate_at(share: float) -> float:
    """The learning rate at this share of the budget."""
    if share < WARM_UP:
        return PEAK_RATE * share / WARM_UP + LAST_RATE
    progress = min(1.0, (share - WARM_UP) / (1 - WARM_UP))
    return LAST_RATE + (PEAK_RATE - LAST_RATE) * (1 + math.cos(math.pi * progress)) / 2

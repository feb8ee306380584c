"""How training spends its budget, as functions of the share already spent (0..1).

The share is of time or of steps, whichever the budget was given in. At first the blocks learn
apart, from what the teacher's gave before them; then joined, from what they give themselves. At
last they are narrowed, and learn to do without the channels that went. Pictures grow on the way:
early steps are cheap and many, late ones see the detail ("progressive learning", Tan and Le,
"EfficientNetV2", 2021).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LAST_RATE = 5e-6
# Of the part that blocks learn apart, and of the one that they learn joined.
WARM_UP = 0.02


@dataclass(frozen=True)
class Stage:
    """From `starts` on the network sees pictures of `size` pixels a side."""

    starts: float
    size: int
    joined: bool
    # By the running averages rather than by each batch's own statistics.
    settled: bool = True
    # With the channels inside that it is shipped with, rather than those it learns best with.
    narrow: bool = False


STAGES = (
    Stage(starts=0.0, size=160, joined=False, settled=False),
    Stage(starts=0.09, size=160, joined=False),
    Stage(starts=0.45, size=160, joined=True),
    # As large as the pictures that are searched with.
    Stage(starts=0.9, size=224, joined=True, narrow=True),
)
JOINED_FROM = next(stage.starts for stage in STAGES if stage.joined)
PEAK_RATE_APART = 1.5e-2
PEAK_RATE_JOINED = 1.5e-3


def stage_at(share: float) -> Stage:
    """The stage that training is in when this share of its budget is spent."""
    return next(stage for stage in reversed(STAGES) if share >= stage.starts)


def rate_at(share: float) -> float:
    """The learning rate at this share: a warm-up and half a cosine, apart and again joined."""
    if share < JOINED_FROM:
        return _rate(share / JOINED_FROM, PEAK_RATE_APART)
    return _rate((share - JOINED_FROM) / (1 - JOINED_FROM), PEAK_RATE_JOINED)


def _rate(share: float, peak: float) -> float:
    if share < WARM_UP:
        return peak * share / WARM_UP + LAST_RATE
    progress = min(1.0, (share - WARM_UP) / (1 - WARM_UP))
    return LAST_RATE + (peak - LAST_RATE) * (1 + math.cos(math.pi * progress)) / 2

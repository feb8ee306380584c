"""What a training is to be like: the choices, their defaults, and the learning rate on the way."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self


class Kind(StrEnum):
    """What is trained."""

    CLASSIC = "classic"
    FINE_TUNE = "fine-tune"


class Backbone(StrEnum):
    """Whether fine-tuning also changes the encoder that it begins with."""

    FROZEN = "frozen"
    TRAINED = "trained"


class Optimizer(StrEnum):
    SGD = "sgd"
    MOMENTUM = "momentum"
    ADAM = "adam"
    ADAMW = "adamw"


class Schedule(StrEnum):
    """How the learning rate goes on from its peak."""

    CONSTANT = "constant"
    COSINE = "cosine"
    STEPS = "steps"


class Augmentation(StrEnum):
    """How much each picture is changed each time it is seen."""

    NONE = "none"
    LIGHT = "light"
    STRONG = "strong"


# Of all steps, those in which the rate rises to its peak.
WARM_UP = 0.05
# A cosine ends at this share of the peak: later steps would change nothing.
COSINE_ENDS_AT = 0.01
# Where `steps` divides the rate by ten (He et al., 2016).
MILESTONES = (0.6, 0.85)


@dataclass(frozen=True)
class Recipe:
    """All choices. `base` names what is fine-tuned; `patience` 0 never stops early."""

    kind: Kind
    base: str = ""
    backbone: Backbone = Backbone.FROZEN
    optimizer: Optimizer = Optimizer.ADAMW
    learning_rate: float = 1e-3
    schedule: Schedule = Schedule.COSINE
    batch_size: int = 32
    epochs: int = 40
    patience: int = 10
    augmentation: Augmentation = Augmentation.LIGHT
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """What `as_json` told; ValueError where it names no such choice."""
        return cls(
            **{
                **told,
                "kind": Kind(told["kind"]),
                "backbone": Backbone(told["backbone"]),
                "optimizer": Optimizer(told["optimizer"]),
                "schedule": Schedule(told["schedule"]),
                "augmentation": Augmentation(told["augmentation"]),
            }
        )

    def rate_at(self, share: float) -> float:
        """The learning rate when this share (0..1) of all steps is done."""
        return self.learning_rate * factor_at(self.schedule, share)


def default_rate(kind: Kind, backbone: Backbone, optimizer: Optimizer) -> float:
    """A learning rate that suits; what is trained already bears only small steps."""
    is_adaptive = optimizer in {Optimizer.ADAM, Optimizer.ADAMW}
    if kind is Kind.CLASSIC:
        return 3e-4 if is_adaptive else 1e-2
    if backbone is Backbone.TRAINED:
        return 1e-4 if is_adaptive else 1e-3
    return 1e-3 if is_adaptive else 1e-1


def factor_at(schedule: Schedule, share: float) -> float:
    """The share of the peak rate when this share (0..1) of all steps is done."""
    if share < WARM_UP:
        return max(share / WARM_UP, COSINE_ENDS_AT)
    if schedule is Schedule.COSINE:
        gone = min(1.0, (share - WARM_UP) / (1 - WARM_UP))
        return COSINE_ENDS_AT + (1 - COSINE_ENDS_AT) * (1 + math.cos(math.pi * gone)) / 2
    if schedule is Schedule.STEPS:
        return 0.1 ** sum(share >= milestone for milestone in MILESTONES)
    return 1.0

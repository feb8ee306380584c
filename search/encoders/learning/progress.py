"""How far a training has come, and how well it did on the way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass
class Tally:
    """Sums over the pictures of an epoch so far."""

    loss: float = 0.0
    right: int = 0
    images: int = 0

    def add(self, loss: float, right: int, images: int) -> None:
        self.loss += loss * images
        self.right += right
        self.images += images

    @property
    def mean_loss(self) -> float:
        return self.loss / max(1, self.images)

    @property
    def accuracy(self) -> float:
        return self.right / max(1, self.images)


@dataclass(frozen=True)
class Epoch:
    """What one pass over all pictures came to; there is no validation without pictures for it."""

    number: int
    loss: float
    accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    rate: float
    seconds: float

    @property
    def judged(self) -> float:
        """What the best epoch has least of."""
        return self.loss if self.validation_loss is None else self.validation_loss


@dataclass
class Progress:
    """Where a training is: `step` steps into the epoch after those that are done."""

    epochs: list[Epoch] = field(default_factory=list)
    step: int = 0
    tally: Tally = field(default_factory=Tally)
    # Of the epoch so far, and of all epochs with all that was seen in them.
    epoch_seconds: float = 0.0
    seconds: float = 0.0
    images: int = 0

    @property
    def best(self) -> Epoch | None:
        return min(self.epochs, key=lambda epoch: epoch.judged, default=None)

    def is_over(self, epochs: int, patience: int) -> bool:
        """Whether all is done, or nothing became better for `patience` epochs."""
        if len(self.epochs) >= epochs:
            return True
        return bool(patience and self.best and len(self.epochs) - self.best.number >= patience)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        epochs = [Epoch(**epoch) for epoch in told["epochs"]]
        return cls(**{**told, "epochs": epochs, "tally": Tally(**told["tally"])})


@dataclass(frozen=True)
class Moment:
    """What a person who watches wants to know, at every step."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    images_per_second: float
    seconds_left: float

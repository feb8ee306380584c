"""Checkpoints: all of a training in one file, and beside it the best weights so far."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gallery.storage import written_whole
from search.encoders.learning.progress import Progress

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.learning.learner import Learner


@dataclass(frozen=True)
class Checkpoint:
    """The files of one training, in a folder of its own."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "checkpoint.npz"

    @property
    def best(self) -> Path:
        return self.folder / "best.npz"

    def save(self, learner: Learner, progress: Progress) -> None:
        """Write where the training is, whole or not at all; raises OSError without space."""
        import numpy as np

        arrays = {
            f"{group}-{i:04d}": variable.numpy()
            for group, variables in learner.variables().items()
            for i, variable in enumerate(variables)
        }
        told = np.array(json.dumps(progress.as_json()))
        self.folder.mkdir(parents=True, exist_ok=True)
        with written_whole(self.file) as partial, partial.open("wb") as file:
            np.savez(file, progress=told, **arrays)

    def restore(self, learner: Learner) -> Progress:
        """Go on from where the last one was saved; from the beginning where there is none."""
        import numpy as np

        if not self.file.exists():
            return Progress()
        with np.load(self.file, allow_pickle=False) as arrays:
            for group, variables in learner.variables().items():
                for i, variable in enumerate(variables):
                    variable.assign(arrays[f"{group}-{i:04d}"])
            return Progress.from_json(json.loads(str(arrays["progress"])))

    def save_best(self, learner: Learner) -> None:
        import numpy as np

        self.folder.mkdir(parents=True, exist_ok=True)
        with written_whole(self.best) as partial, partial.open("wb") as file:
            np.savez(file, *learner.weights())

    def read_best(self) -> list[NDArray[np.float32]]:
        import numpy as np

        with np.load(self.best, allow_pickle=False) as arrays:
            return [arrays[f"arr_{i}"] for i in range(len(arrays.files))]

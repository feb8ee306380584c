"""Checkpoints: all of a training run in one file, so that an interrupted one goes on."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from gallery.storage import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.compact.distillation import Student


class CheckpointError(Exception):
    """A checkpoint can't be used; the message says why, and what to do."""


@dataclass
class Progress:
    """Steps taken, wall-clock seconds spent over all runs, and the pictures' size at present.

    A run that began with trained weights also knows what these had seen, and for how long.
    """

    step: int = 0
    seconds: float = 0.0
    input_size: int = 0
    images_before: int = 0
    seconds_before: float = 0.0


@dataclass(frozen=True)
class Budget:
    """How long to train in all runs: so many minutes of wall clock, or if given, so many steps."""

    minutes: float = 100.0
    steps: int | None = None

    def share(self, progress: Progress) -> float:
        """How much of it is spent, 0..1 and a little beyond."""
        if self.steps is not None:
            return progress.step / self.steps
        return progress.seconds / 60 / self.minutes

    def __str__(self) -> str:
        return f"{self.minutes:g} minutes" if self.steps is None else f"{self.steps} steps"


def save(path: Path, student: Student, progress: Progress, budget: Budget) -> None:
    """Write the checkpoint whole or not at all."""
    import numpy as np

    arrays = {name: variable.numpy() for name, variable in _named(student).items()}
    state, told = np.array(astuple(progress)), np.array(json.dumps(asdict(budget)))
    with written_whole(path) as partial, partial.open("wb") as file:
        np.savez(file, progress=state, budget=told, narrow=student.is_narrow, **arrays)


def restore(path: Path) -> tuple[Student, Progress]:
    """The student as it was written, and how far it had come.

    Raise CheckpointError if it was written by another version, for another network, or is damaged.
    """
    from search.encoders.compact.distillation import Student

    with _opened(path) as file:
        arrays = dict(file)
    progress = _progress(arrays.pop("progress"))
    arrays.pop("budget", None)
    student = Student(is_narrow=bool(arrays.pop("narrow", False)))
    variables = _named(student)
    shapes = {name: variable.shape for name, variable in variables.items()}
    if shapes != {name: array.shape for name, array in arrays.items()}:
        raise CheckpointError(
            f"{path} is of another version's network. Move it away to train from the beginning."
        )
    for name, variable in variables.items():
        variable.assign(arrays[name])
    return student, progress


def read_plan(path: Path) -> tuple[Progress, Budget | None]:
    """How far its training had come, and of which budget: None if an earlier version wrote it.

    Raise CheckpointError if it is damaged.
    """
    with _opened(path) as file:
        progress = _progress(file["progress"])
        budget = Budget(**json.loads(str(file["budget"]))) if "budget" in file else None
    return progress, budget


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import numpy as np

    try:
        # Opened here, because NumPy would not close what it can't read.
        with path.open("rb") as content, np.load(content, allow_pickle=False) as file:
            yield file
    except (BadZipFile, EOFError, ValueError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}). Move it away to train from the beginning."
        ) from error


def _named(student: Student) -> dict[str, Any]:
    return {
        f"{group}-{i:04d}": variable
        for group, variables in student.variables().items()
        for i, variable in enumerate(variables)
    }


def _progress(state: NDArray[np.float64]) -> Progress:
    step, seconds, input_size, images_before, seconds_before = state.tolist()
    return Progress(int(step), seconds, int(input_size), int(images_before), seconds_before)

"""Checkpoints: all of a training run in one file, so that an interrupted one goes on."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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


def save(path: Path, student: Student, progress: Progress) -> None:
    """Write the checkpoint whole or not at all."""
    import numpy as np

    arrays = {name: variable.numpy() for name, variable in _named(student).items()}
    state = np.array(astuple(progress))
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, progress=state, narrow=student.is_narrow, **arrays)
    partial.replace(path)


def restore(path: Path) -> tuple[Student, Progress]:
    """The student as it was written, and how far it had come.

    Raise CheckpointError if it was written by another version, for another network.
    """
    import numpy as np

    from search.encoders.compact.distillation import Student

    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    progress = _progress(arrays.pop("progress"))
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


def _named(student: Student) -> dict[str, Any]:
    return {
        f"{group}-{i:04d}": variable
        for group, variables in student.variables().items()
        for i, variable in enumerate(variables)
    }


def _progress(state: NDArray[np.float64]) -> Progress:
    step, seconds, input_size, images_before, seconds_before = state.tolist()
    return Progress(int(step), seconds, int(input_size), int(images_before), seconds_before)

"""A training goes on as it was begun, or it is told why it can't; a checkpoint is whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from search.encoders.compact.checkpoint import (
    Budget,
    CheckpointError,
    Progress,
    read_plan,
    restore,
    save,
)

MINUTES, STEPS = Budget(minutes=845), Budget(steps=4)


class Nobody:
    """A student of no blocks: what is asked here is not what it has learned."""

    is_narrow = False

    def variables(self) -> dict[str, list[Any]]:
        return {}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    return tmp_path / "checkpoint.npz"


def begun(path: Path, budget: Budget, **progress: Any) -> None:
    save(path, Nobody(), Progress(**progress), budget)  # type: ignore[arg-type] # has no blocks


def go_on(checkpoint: Path, *options: str) -> None:
    """Beside it there are no data, so that no more than the beginning is tried."""
    folder = str(checkpoint.parent)
    call_command("train_compact", folder, "--folder", folder, "--into", folder, *options)


@pytest.mark.parametrize("options", [(), ("--minutes", "845"), ("--from-shipped",)])
def test_what_a_training_was_begun_with_need_not_be_said_again(
    checkpoint: Path, options: tuple[str, ...]
) -> None:
    begun(checkpoint, MINUTES, step=7, seconds=200 * 60, images_before=32)
    with pytest.raises(CommandError, match="No file photos"):
        go_on(checkpoint, *options)
    assert read_plan(checkpoint)[1] == MINUTES


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--minutes", "900"), "begun for 845 minutes.* another --folder"),
        (("--steps", "9"), "begun for 845 minutes.* another --folder"),
        (("--from-shipped",), "began with random weights.* another --folder"),
    ],
)
def test_it_is_not_made_another_training(
    checkpoint: Path, options: tuple[str, ...], reason: str
) -> None:
    begun(checkpoint, MINUTES, step=7, seconds=200 * 60)
    before = checkpoint.read_bytes()
    with pytest.raises(CommandError, match=reason):
        go_on(checkpoint, *options)
    assert checkpoint.read_bytes() == before


@pytest.mark.parametrize(
    ("budget", "options"), [(STEPS, ()), (STEPS, ("--steps", "4")), (MINUTES, ("--from-shipped",))]
)
def test_one_that_is_over_does_not_go_on_and_ships_nothing(
    checkpoint: Path, budget: Budget, options: tuple[str, ...]
) -> None:
    begun(checkpoint, budget, step=4, seconds=845 * 60, images_before=32)
    with pytest.raises(CommandError, match=r"is over after .* --export writes its weights"):
        go_on(checkpoint, *options)
    assert not (checkpoint.parent / "weights.npz").exists()


def test_an_earlier_versions_goes_on_once_its_budget_is_said(checkpoint: Path) -> None:
    np.savez(checkpoint, progress=np.array([7, 12000.0, 160, 0, 0.0]), narrow=False)
    with pytest.raises(CommandError, match=r"earlier version.* by --minutes or --steps"):
        go_on(checkpoint)
    with pytest.raises(CommandError, match="is over"):
        go_on(checkpoint, "--minutes", "200")
    with pytest.raises(CommandError, match="No file photos"):
        go_on(checkpoint, "--minutes", "845")


@pytest.mark.parametrize("option", ["--minutes=0", "--minutes=-1", "--minutes=nan", "--steps=0"])
def test_a_budget_of_nothing_is_refused(checkpoint: Path, option: str) -> None:
    with pytest.raises(CommandError, match="above 0"):
        go_on(checkpoint, option)


@pytest.mark.parametrize("size", [0, 4, 300])
def test_one_of_which_a_part_is_missing_is_told(checkpoint: Path, size: int) -> None:
    begun(checkpoint, STEPS)
    os.truncate(checkpoint, size)
    for read in (restore, read_plan):
        with pytest.raises(CheckpointError, match="is damaged"):
            read(checkpoint)


def test_the_last_one_stays_until_the_next_is_on_the_disk(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError("No space left on device")

    begun(checkpoint, STEPS, step=1)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        begun(checkpoint, STEPS, step=2)
    assert read_plan(checkpoint)[0].step == 1

"""A file is there whole, or as it was."""

import os
from pathlib import Path

import pytest

from gallery.storage import written_whole


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights.h5"
    path.write_text("before")
    return path


def test_what_is_written_takes_the_place_of_what_was_there(path: Path) -> None:
    with written_whole(path) as partial:
        partial.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_could_not_be_written_leaves_nothing(path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error):
        write_half(path, error)
    assert path.read_text() == "before"
    assert [*path.parent.iterdir()] == [path]


def write_half(path: Path, error: type[BaseException]) -> None:
    with written_whole(path) as partial:
        partial.write_text("half")
        raise error


def test_its_content_reaches_the_disk_before_its_name(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), written_whole(path) as partial:
        partial.write_text("after")
    assert path.read_text() == "before"

"""`script/find-python` finds a Python that will do, or says in one line what to install."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "script" / "find-python"

TOO_OLD = "exit 1"
WITHOUT_VENV = f'case "$2" in *ensurepip*) exit 1 ;; esac; exec "{sys.executable}" "$@"'
GOOD = f'exec "{sys.executable}" "$@"'


def find(folder: Path, **pythons: str) -> "subprocess.CompletedProcess[str]":
    """Run the script where these commands, each a line of shell, are all there is."""
    for name, line in pythons.items():
        command = folder / name.replace("_", ".")
        command.write_text(f"#!/bin/sh\n{line}\n")
        command.chmod(0o755)
    environment = {"PATH": str(folder)}
    return subprocess.run(
        ["/bin/sh", SCRIPT], env=environment, capture_output=True, text=True, check=False
    )


def test_the_usual_one_is_taken(tmp_path: Path) -> None:
    assert find(tmp_path, python3=GOOD).stdout == f"{tmp_path}/python3\n"


@pytest.mark.parametrize("usual", [TOO_OLD, WITHOUT_VENV])
def test_another_one_is_taken_where_the_usual_will_not_do(tmp_path: Path, usual: str) -> None:
    found = find(tmp_path, python3=usual, python3_11=GOOD)
    assert found.stdout == f"{tmp_path}/python3.11\n"


def test_a_missing_python_is_told_in_one_line(tmp_path: Path) -> None:
    found = find(tmp_path, python3=TOO_OLD)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("Python 3.11 or later is missing: install it")
    assert found.stderr.count("\n") == 1


def test_a_missing_venv_module_is_told_in_one_line(tmp_path: Path) -> None:
    found = find(tmp_path, python3=WITHOUT_VENV)
    assert (found.returncode, found.stdout) == (1, "")
    assert "python3 cannot make virtual environments: install its venv module" in found.stderr
    assert found.stderr.count("\n") == 1

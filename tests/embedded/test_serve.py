"""`script/server` from start to stop, with a small web server in place of the gallery's."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.postgres import is_ready as postgres_is_ready
from retrieval_site.embedded.redis import is_ready as redis_is_ready
from tests.embedded.conftest import processes_of, wait_until

REPOSITORY = Path(__file__).resolve().parent.parent.parent
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(gallery: Locations, port: int) -> Iterator[Start]:
    """Start the stub gallery on a data folder that was used before."""
    started = []

    def make(**settings: str) -> "subprocess.Popen[str]":
        environment = {**os.environ, "VAR_DIR": str(gallery.var), "PORT": str(port)}
        environment |= {"DATABASE_URL": "", "REDIS_URL": "", **settings}
        command = [sys.executable, "-m", "tests.embedded.stub_gallery"]
        server = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(server)
        return server

    yield make
    for server in started:
        server.terminate()
        server.communicate(timeout=15)


def wait_until_running(server: "subprocess.Popen[str]") -> str:
    """What it has said until it said that it is running."""
    assert server.stdout is not None
    said = ""
    for line in server.stdout:
        said += line
        if "is running at" in line:
            return said
    pytest.fail(f"{said}{server.communicate()[1]}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_starts_and_stops_in_order(
    start: Start, gallery: Locations, port: int, number: signal.Signals
) -> None:
    server = start()
    said = wait_until_running(server)
    assert f"http://127.0.0.1:{port}/" in said
    assert "prepared\n" in said
    began = time.monotonic()
    # As the terminal does it: to the whole foreground group.
    os.killpg(server.pid, number)
    said, complaints = server.communicate(timeout=15)
    assert (server.returncode, said, complaints) == (0, "Stopping …\n", "")
    assert time.monotonic() - began < 10
    assert processes_of(gallery) == []


def test_killed_servers_come_back(start: Start, gallery: Locations) -> None:
    supervisor = start()
    wait_until_running(supervisor)
    for child in psutil.Process(supervisor.pid).children():
        if child.name() in {"postgres", "redis-server"}:
            child.kill()
    wait_until(lambda: redis_is_ready(gallery) and postgres_is_ready(gallery))


def test_a_second_start_says_where_the_first_one_is(
    start: Start, gallery: Locations, port: int
) -> None:
    wait_until_running(start())
    second = start()
    complaints = second.communicate(timeout=15)[1]
    assert second.returncode == 1
    assert f"Already running at http://127.0.0.1:{port}/" in complaints
    assert str(gallery.var) in complaints
    assert complaints.count("\n") == 1


def test_a_killed_one_leaves_nothing_that_hinders_the_next(
    start: Start, gallery: Locations
) -> None:
    first = start()
    wait_until_running(first)
    first.kill()
    wait_until_running(start())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of this death")
def test_a_killed_one_takes_its_children_along(start: Start, gallery: Locations) -> None:
    server = start()
    wait_until_running(server)
    server.kill()
    wait_until(lambda: processes_of(gallery) == [])


def test_a_port_in_use_is_told_before_anything_starts(
    start: Start, gallery: Locations, port: int
) -> None:
    with socket.create_server(("127.0.0.1", port)):
        server = start()
        said, complaints = server.communicate(timeout=15)
    assert (server.returncode, said) == (1, "")
    assert complaints.startswith(f"Port {port} on 127.0.0.1 is in use")
    assert complaints.count("\n") == 1
    assert not gallery.logs.joinpath("redis.log").exists()


def test_it_stops_in_the_middle_of_a_start(start: Start, gallery: Locations) -> None:
    server = start()
    wait_until(lambda: processes_of(gallery))
    server.terminate()
    assert server.communicate(timeout=15)[1] == ""
    assert server.returncode == 0
    assert processes_of(gallery) == []


def test_servers_of_ones_own_replace_the_embedded_ones(start: Start, gallery: Locations) -> None:
    url = {"DATABASE_URL": "postgresql://elsewhere/db", "REDIS_URL": "redis://elsewhere"}
    wait_until_running(start(**url))
    assert {process.name() for process in processes_of(gallery)} == {"python"}


def test_it_listens_where_bind_says(start: Start, port: int) -> None:
    wait_until_running(start(BIND="::1"))
    with socket.create_connection(("::1", port)):
        pass

"""The web as it is really served, by several processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.conf import settings as site

from tests.faults.installation import free_port
from tests.test_imports import ROOT, database_url

TOKEN = "a-token-for-prometheus"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(
    transactional_db: None, port: int, tmp_path: Path
) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start the web, with more in its environment, and wait until it answers."""
    processes = []

    def start(**environment: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--config", "python:retrieval_site.gunicorn"),
                *("--bind", f"127.0.0.1:{port}"),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "DATABASE_URL": database_url(),
                "REDIS_URL": site.REDIS_URL,
                "METRICS_TOKEN": TOKEN,
                "TMPDIR": str(tmp_path),
                **environment,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        processes.append(process)
        wait_until_it_answers(port)
        return process

    yield start
    for process in processes:
        process.kill()
        process.wait()


def ask(port: int, path: str) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200, body
    return body


def wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            ask(port, "/healthz")
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def wait_until_nobody_answers(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            ask(port, "/healthz")
        except OSError:
            return
        assert time.monotonic() < deadline
        time.sleep(0.1)


def times_asked(port: int) -> float:
    """How often /healthz was, as /metrics tells."""
    lines = ask(port, "/metrics").splitlines()
    (line,) = [line for line in lines if "seconds_count" in line and 'view="healthz"' in line]
    return float(line.split()[-1])


def test_several_processes_count_together(
    serve: Callable[..., "subprocess.Popen[bytes]"], port: int, tmp_path: Path
) -> None:
    web = serve()
    for _ in range(20):
        ask(port, "/healthz")
    assert times_asked(port) == 21
    web.send_signal(signal.SIGTERM)
    assert web.wait(15) == 0
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_one_counted_is_forgotten(
    serve: Callable[..., "subprocess.Popen[bytes]"], port: int, tmp_path: Path
) -> None:
    folder = tmp_path / "metrics"
    killed = serve(PROMETHEUS_MULTIPROC_DIR=str(folder))
    ask(port, "/healthz")
    killed.kill()
    killed.wait()
    assert list(folder.iterdir())
    # Its workers see that it is gone, and free the port.
    wait_until_nobody_answers(port)
    web = serve(PROMETHEUS_MULTIPROC_DIR=str(folder))
    assert times_asked(port) == 1
    web.send_signal(signal.SIGTERM)
    assert web.wait(15) == 0
    assert not folder.exists()

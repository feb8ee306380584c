"""The gallery's own programs: what prepares a start, the workers, beat and the web."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from retrieval_site.embedded.address import Address
from retrieval_site.embedded.locations import Locations, private_folder
from retrieval_site.embedded.plan import Plan
from retrieval_site.embedded.processes import Program
from retrieval_site.gunicorn import SHARED

REPOSITORY = Path(__file__).resolve().parent.parent


def gallery(locations: Locations, address: Address) -> Plan:
    """Everything `script/server` runs, in the order in which it starts."""
    return Plan(
        preparations=[
            _command("migrate", locations, "--no-input"),
            _command("collectstatic", locations, "--no-input"),
            replace(_command("ensure_admin", locations), shown=True),
        ],
        stages=[
            [
                _media_worker(locations),
                _encoder_worker(locations),
                _trainer(locations),
                _beat(locations),
            ],
            [_web(locations, address)],
        ],
    )


def _command(name: str, locations: Locations, *options: str) -> Program:
    return _python(name, locations, "manage.py", name, *options)


def _media_worker(locations: Locations) -> Program:
    return _worker("media", locations, "--queues", "sweep,media", "--concurrency", "2")


def _encoder_worker(locations: Locations) -> Program:
    # One process: TensorFlow uses all cores by itself, and its memory is paid for once.
    return _worker("encoder", locations, "--queues", "query,embed", "--pool", "solo")


def _trainer(locations: Locations) -> Program:
    # A process for each training: what a network took of memory goes with it.
    options = ("--queues", "train", "--concurrency", "1", "--max-tasks-per-child", "1")
    return _worker("trainer", locations, *options)


def _worker(name: str, locations: Locations, *options: str) -> Program:
    fixed = ("--hostname", f"{name}@%h", "--prefetch-multiplier", "1")
    return _celery(name, locations, "worker", *options, *fixed)


def _beat(locations: Locations) -> Program:
    schedule = locations.beat_schedule
    private_folder(schedule.parent)
    return _celery("beat", locations, "beat", "--schedule", str(schedule))


def _celery(name: str, locations: Locations, *arguments: str) -> Program:
    program = ("-m", "celery", "-A", "retrieval_site", *arguments)
    return replace(_python(name, locations, *program), stop_seconds=3.5)


def _web(locations: Locations, address: Address) -> Program:
    # fmt: off
    program = (
        "-m", "gunicorn", "--config", "python:retrieval_site.gunicorn", "--bind", str(address),
        "--graceful-timeout", "2",
    )
    # fmt: on
    web = _python("web", locations, *program)
    return replace(
        web,
        # Always the same folder, which the next one empties if this one is killed.
        environment={**web.environment, SHARED: str(locations.metrics)},
        start_seconds=60.0,
        stop_seconds=2.5,
        is_ready=address.answers,
    )


def _python(name: str, locations: Locations, *arguments: str) -> Program:
    environment = {**os.environ, "VAR_DIR": str(locations.var), "PYTHONUNBUFFERED": "1"}
    return Program(
        name=name,
        # Python ignores an -X it does not know; forked processes keep it in their command line.
        command=[sys.executable, "-X", locations.marker, *arguments],
        folder=REPOSITORY,
        environment=environment,
    )

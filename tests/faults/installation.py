"""A whole gallery of real processes, and what a test may do to it and ask of it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import psycopg
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.processes import Child
from retrieval_site.embedded.redis import redis
from retrieval_site.programs import REPOSITORY
from tests.faults.disk import SmallDisk

START_SECONDS = 90
SETTLE_SECONDS = 60


class Installation:
    """`python -m retrieval_site.serve` on a folder of its own, its Redis in the test's hands."""

    def __init__(self, var: Path) -> None:
        self.locations = Locations(var / "gallery")
        # Elsewhere, or the supervisor would take it for a stray of its own.
        broker = Locations(var / "broker")
        self.redis_url = broker.redis_url
        self.redis = Child(redis(broker), self.locations.logs / "redis.log")
        self.disk = SmallDisk(self.media)
        self.port = free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "VAR_DIR": str(self.locations.var),
            "MEDIA_ROOT": str(self.media),
            "REDIS_URL": self.redis_url,
            "PORT": str(self.port),
            "SWEEP_SECONDS": "1",
        }

    @property
    def media(self) -> Path:
        return self.locations.var / "media"

    def start(self) -> None:
        self.disk.mount()
        self.start_redis()
        command = [sys.executable, "-m", "retrieval_site.serve"]
        with (self.locations.logs / "serve.log").open("wb") as log:
            self.supervisor = psutil.Popen(
                command, cwd=REPOSITORY, env=self.environment, stdout=log, stderr=log
            )
        self.wait_for(self.answers, START_SECONDS)
        self.token = self.command("api_token", "admin").communicate()[0].strip()

    def stop(self) -> None:
        self.supervisor.terminate()
        self.supervisor.wait(30)
        self.redis.kill()
        self.disk.unmount()

    def start_redis(self) -> None:
        self.redis.start()
        self.wait_for(lambda: self.redis.program.is_ready and self.redis.program.is_ready())

    def command(self, *arguments: str) -> "subprocess.Popen[str]":
        """Begin a command of manage.py."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answers(self) -> bool:
        assert self.supervisor.poll() is None, (self.locations.logs / "serve.log").read_text()
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def upload(self, data: bytes, name: str = "photo.png") -> dict[str, Any]:
        """Upload through the API; return its answer to a success."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, data)})
        headers = {"Authorization": f"Token {self.token}", "Content-Type": MULTIPART_CONTENT}
        connection.request("POST", "/api/v1/images/", body, headers)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        assert answer.status == 201, said
        image: dict[str, Any] = json.loads(said)
        return image

    def processes(self, *words: str) -> list[psutil.Process]:
        return [
            process
            for process in self.supervisor.children()
            if all(word in " ".join(process.cmdline()) for word in words)
        ]

    def process(self, *words: str) -> psutil.Process:
        """The one process of the gallery whose command has all these words."""
        found = self.processes(*words)
        assert len(found) == 1, found
        return found[0]

    def kill(self, *words: str) -> None:
        """Kill that process, or the one that takes its place a moment later."""
        self.wait_for(lambda: self.processes(*words))
        self.process(*words).kill()

    def encoder_worker(self) -> psutil.Process:
        return self.process("--queues query,embed")

    def restart_postgres(self) -> None:
        """As an administrator does: it disconnects everybody and comes back at once."""
        postgres = self.process("postgres", "cluster_name")
        postgres.send_signal(signal.SIGINT)
        postgres.wait(10)
        self.wait_for(self.database_answers)

    def database_answers(self) -> bool:
        try:
            return bool(self.ask("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def ask(self, query: str) -> list[Any]:
        with psycopg.connect(self.locations.database_url) as database:
            return database.execute(query).fetchall()

    def count(self, rows: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {rows}")[0][0])  # noqa: S608 - a test's

    def wait_for(self, condition: Callable[[], Any], seconds: float = SETTLE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.report()
            time.sleep(0.05)

    def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Until nothing waits any more, and the files that nobody wants are gone."""
        waits = """
            SELECT (SELECT count(*) FROM gallery_image)
                 - (SELECT count(*) FROM search_embedding WHERE state <> 'pending')
                 + (SELECT count(*) FROM gallery_rendering WHERE state = 'pending')
                 + (SELECT count(*) FROM gallery_strayfile WHERE delete_after <= now())
        """
        self.wait_for(lambda: self.ask(waits)[0][0] == 0, seconds)

    def report(self) -> str:
        states = self.ask(
            "SELECT state, attempts, error, count(*) FROM search_embedding GROUP BY 1, 2, 3"
        )
        logs = self.locations.logs.glob("*.log")
        return "\n".join([str(states), *(f"{log.name}: {log.read_text()[-3000:]}" for log in logs)])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

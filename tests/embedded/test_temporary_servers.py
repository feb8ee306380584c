"""`python -m retrieval_site.embedded COMMAND` runs a command with servers of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from retrieval_site.embedded.locations import Locations
from tests.embedded.conftest import processes_of

REPOSITORY = Path(__file__).resolve().parent.parent.parent
ASKS_BOTH = """
import os, psycopg, redis
psycopg.connect(os.environ["DATABASE_URL"]).execute("SELECT '[1,2,3]'::vector")
redis.Redis.from_url(os.environ["REDIS_URL"]).ping()
"""


def start(code: str) -> "subprocess.Popen[str]":
    """Run a few lines of Python, preceded by the line that tells VAR_DIR."""
    tells = "import os, time; print(os.environ['VAR_DIR'], flush=True)\n"
    return subprocess.Popen(
        [sys.executable, "-m", "retrieval_site.embedded", sys.executable, "-c", tells + code],
        cwd=REPOSITORY,
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def told_locations(process: "subprocess.Popen[str]") -> Locations:
    assert process.stdout is not None
    return Locations(Path(process.stdout.readline().strip()))


def test_everything_is_stopped_and_removed_on_ctrl_c() -> None:
    process = start("time.sleep(600)")
    locations = told_locations(process)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGINT
    assert processes_of(locations) == []
    assert not locations.var.exists()


def test_two_commands_beside_each_other_have_servers_and_exit_statuses_of_their_own() -> None:
    first, second = start(f"{ASKS_BOTH}\nraise SystemExit(7)"), start(ASKS_BOTH)
    folders = {told_locations(first).var, told_locations(second).var}
    first.communicate(timeout=30)
    second.communicate(timeout=30)
    assert (first.returncode, second.returncode) == (7, 0)
    assert [folder.exists() for folder in folders] == [False, False]

"""`python -m retrieval_site.embedded COMMAND…` runs a command with servers of its own.

They keep their data in a temporary folder, which is removed afterwards. The command finds them
in DATABASE_URL, REDIS_URL and VAR_DIR; its exit status becomes ours.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from retrieval_site.embedded.interruption import Interruption, Stopped
from retrieval_site.embedded.locations import Locations, temporary_folder
from retrieval_site.embedded.refusal import Refusal
from retrieval_site.embedded.servers import start_postgres, start_redis
from retrieval_site.embedded.supervisor import Supervisor

SECONDS_TO_FINISH = 5.0


def main(command: Sequence[str]) -> int:
    if not command:
        sys.stderr.write(__doc__ or "")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="lookalike-", dir=temporary_folder()))
    try:
        return run_with_servers(command, Locations(folder))
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except Stopped:
        return 128 + signal.SIGINT
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_with_servers(command: Sequence[str], locations: Locations) -> int:
    """The exit status of `command`, run while both servers are up at `locations`."""
    with Interruption() as interruption:
        supervisor = Supervisor(locations.marker, locations.logs, interruption)
        try:
            start_postgres(supervisor, locations, durable=False)
            start_redis(supervisor, locations)
            return _run(command, locations, interruption)
        finally:
            supervisor.stop()


def _run(command: Sequence[str], locations: Locations, interruption: Interruption) -> int:
    environment = {
        **os.environ,
        "DATABASE_URL": locations.database_url,
        "REDIS_URL": locations.redis_url,
        "VAR_DIR": str(locations.var),
    }
    # It stays in the terminal's foreground, so Ctrl-C has reached it too when it reaches us.
    process = subprocess.Popen(command, env=environment)
    try:
        while process.poll() is None:
            interruption.pause()
    except Stopped:
        _end(process)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _end(process: "subprocess.Popen[bytes]") -> None:
    for harsher in (process.terminate, process.kill):
        try:
            process.wait(SECONDS_TO_FINISH)
            return
        except subprocess.TimeoutExpired:
            harsher()
    process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

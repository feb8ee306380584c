"""How the web is served: `gunicorn --config python:retrieval_site.gunicorn`. Options go before it.

Each worker process counts for itself, in files that all of them share and /metrics adds up.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from retrieval_site.env import env_int

SHARED = "PROMETHEUS_MULTIPROC_DIR"

wsgi_app = "retrieval_site.wsgi:application"
worker_class = "gthread"
workers = env_int("WEB_WORKERS", 2, minimum=1)
threads = env_int("WEB_THREADS", 4, minimum=1)
# The control socket is one for all galleries of a user.
control_socket_disable = True
# Where the system keeps files in memory, a worker's sign of life costs no disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108


def on_starting(server: Any) -> None:
    """Before the site is loaded: the library looks once for where it shall count."""
    if not os.environ.get(SHARED):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="lookalike-metrics-")
    folder = Path(os.environ[SHARED])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What a server counted that was killed.
    for file in folder.glob("*.db"):
        file.unlink()


def post_worker_init(worker: Any) -> None:
    from gallery.warming import warm_up

    warm_up()


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ[SHARED], ignore_errors=True)

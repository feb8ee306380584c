"""The embedded PostgreSQL: who gets in, and what it survives."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from retrieval_site.embedded.locations import POSTGRES_SOCKET, Locations
from retrieval_site.embedded.processes import end_strays
from retrieval_site.embedded.refusal import Refusal
from retrieval_site.embedded.servers import start_postgres
from retrieval_site.embedded.supervisor import Supervisor
from tests.embedded.conftest import copy_of, processes_of, supervisor_of


def ask(locations: Locations, query: str) -> object:
    with psycopg.connect(locations.database_url, autocommit=True) as database:
        row = database.execute(query.encode()).fetchone()
        return row and row[0]


def note(locations: Locations) -> None:
    with psycopg.connect(locations.database_url) as database:
        database.execute("CREATE TABLE note AS SELECT 'kept' AS text")


def postmaster(locations: Locations) -> psutil.Process:
    pid = (locations.postgres_data / "postmaster.pid").read_text().split("\n")[0]
    return psutil.Process(int(pid))


@pytest.fixture
def running(supervisor: Supervisor, gallery: Locations) -> Locations:
    start_postgres(supervisor, gallery, durable=False)
    return gallery


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, new_gallery: Path) -> Iterator[Locations]:
    """A running server for those tests that only ask."""
    locations = copy_of(new_gallery, tmp_path_factory.mktemp("asked") / "a b")
    supervisor = supervisor_of(locations)
    start_postgres(supervisor, locations, durable=False)
    yield locations
    supervisor.stop()


def test_it_is_version_18_with_pgvector(asked: Locations) -> None:
    assert str(ask(asked, "SHOW server_version")).startswith("18.")
    distance = ask(asked, "SELECT '[0,0,0]'::vector <-> '[2,3,6]'")
    assert distance == 7


def test_it_listens_on_no_port_and_on_a_socket_for_its_owner(asked: Locations) -> None:
    assert ask(asked, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(asked.sockets.stat().st_mode) == 0o700
    assert stat.S_IMODE((asked.sockets / POSTGRES_SOCKET).stat().st_mode) == 0o700


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_refused(asked: Locations, password: str) -> None:
    url = asked.database_url.replace(asked.database_password, password)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url)


def test_a_lost_password_file_is_named(supervisor: Supervisor, gallery: Locations) -> None:
    gallery.database_password_file.write_text("another\n")
    with pytest.raises(Refusal, match="database-password"):
        start_postgres(supervisor, gallery, durable=False)


def test_no_password_stands_on_a_command_line(asked: Locations) -> None:
    lines = [" ".join(process.cmdline()) for process in processes_of(asked)]
    assert lines
    assert not any(asked.database_password in line for line in lines)


def test_the_data_is_there_at_the_next_start(running: Locations, supervisor: Supervisor) -> None:
    note(running)
    supervisor.stop()
    assert processes_of(running) == []
    start_postgres(supervisor, running, durable=False)
    assert ask(running, "SELECT text FROM note") == "kept"


def test_the_data_survives_a_kill(running: Locations, supervisor: Supervisor) -> None:
    note(running)
    server = postmaster(running)
    server.kill()
    supervisor.stop()
    start_postgres(supervisor, running, durable=False)
    assert ask(running, "SELECT text FROM note") == "kept"


def test_a_server_that_a_killed_supervisor_left_is_stopped_first(
    killed_supervisor: Supervisor, supervisor: Supervisor, gallery: Locations
) -> None:
    start_postgres(killed_supervisor, gallery, durable=False)
    left_behind = postmaster(gallery)
    start_postgres(supervisor, gallery, durable=False)
    assert postmaster(gallery) != left_behind
    assert left_behind not in processes_of(gallery)


def test_a_stale_pid_file_and_socket_are_no_obstacle(
    supervisor: Supervisor, gallery: Locations
) -> None:
    # The pid is by now that of another living program: this one.
    pid_file = gallery.postgres_data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{gallery.postgres_data}\n1\n5432\n\n\n\n")
    (gallery.sockets / POSTGRES_SOCKET).touch()
    (gallery.sockets / f"{POSTGRES_SOCKET}.lock").write_text(f"{os.getpid()}\n")
    start_postgres(supervisor, gallery, durable=False)
    assert ask(gallery, "SELECT 1") == 1


def test_a_half_made_data_folder_is_no_obstacle(
    supervisor: Supervisor, locations: Locations
) -> None:
    half = locations.postgres_data.with_name("18.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    start_postgres(supervisor, locations, durable=False)
    assert not half.exists()
    assert ask(locations, "SELECT 1") == 1


def test_a_path_too_long_for_a_socket_works(
    supervisor: Supervisor, gallery: Locations, tmp_path: Path
) -> None:
    far_away = Locations(gallery.var.rename(tmp_path / ("long" * 30)))
    start_postgres(supervisor, far_away, durable=False)
    assert ask(far_away, "SELECT 1") == 1
    supervisor.stop()
    end_strays(far_away.marker)
    far_away.sockets.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand the server to another user")
def test_as_root_it_runs_as_a_user_whom_nobody_is(asked: Locations) -> None:
    server = postmaster(asked)
    assert server.uids().real not in {0, 65_534}
    assert server.uids().real == asked.postgres_data.stat().st_uid
    assert asked.var.stat().st_uid == 0

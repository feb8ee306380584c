"""The embedded Redis."""

import stat

import pytest
from redis import Redis

from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.servers import start_redis
from retrieval_site.embedded.supervisor import Supervisor
from tests.embedded.conftest import processes_of


@pytest.fixture
def running(supervisor: Supervisor, locations: Locations) -> Locations:
    start_redis(supervisor, locations)
    return locations


def test_it_answers_at_its_url(running: Locations) -> None:
    with Redis.from_url(running.redis_url) as redis:
        assert redis.ping()


def test_it_listens_on_no_port_and_on_a_socket_for_its_owner(running: Locations) -> None:
    with Redis.from_url(running.redis_url) as redis:
        assert redis.config_get("port") == {"port": "0"}
    assert stat.S_IMODE(running.redis_socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(running.sockets.stat().st_mode) == 0o700


def test_a_stale_socket_is_no_obstacle(supervisor: Supervisor, locations: Locations) -> None:
    locations.redis_socket.touch()
    start_redis(supervisor, locations)


def test_one_that_a_killed_supervisor_left_is_stopped_first(
    killed_supervisor: Supervisor, supervisor: Supervisor, locations: Locations
) -> None:
    start_redis(killed_supervisor, locations)
    (left_behind,) = processes_of(locations)
    start_redis(supervisor, locations)
    assert left_behind not in processes_of(locations)


def test_nothing_is_left_after_a_stop(supervisor: Supervisor, running: Locations) -> None:
    supervisor.stop()
    assert processes_of(running) == []
    assert not running.redis_socket.exists()

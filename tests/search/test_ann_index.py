"""Building the index of an encoder with many vectors, beside all that goes on meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from search import ann_index
from search.ann_index import IndexState, index_name
from search.models import Encoder
from search.tasks import build_indexes


@pytest.fixture
def other_session(transactional_db: None) -> Iterator[Any]:
    """Somebody else in the same database."""
    parameters = connection.get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{key: parameters[key] for key in wanted if key in parameters}) as other:
        yield other


def wait_until(is_so: Callable[[], Any]) -> None:
    end = monotonic() + 60
    while not is_so():
        assert monotonic() < end
        sleep(0.05)


@contextmanager
def building(encoder: Encoder, other_session: Any) -> Iterator[None]:
    """Inside, the index is being built and gets no further."""

    def build() -> None:
        try:
            ann_index.build(encoder)
        except OperationalError:
            pass
        finally:
            connection.close()

    other_session.execute("LOCK TABLE search_embedding IN ROW EXCLUSIVE MODE")
    thread = Thread(target=build)
    thread.start()
    try:
        wait_until(lambda: ann_index.state(encoder).progress is not None)
        yield
    finally:
        other_session.rollback()
        thread.join()


def test_without_one_there_is_none(tiny: Encoder) -> None:
    assert ann_index.state(tiny) == IndexState(is_valid=False, vectors=0, progress=None)


def test_it_is_built_of_all_vectors(indexed: Encoder) -> None:
    assert ann_index.state(indexed) == IndexState(is_valid=True, vectors=400, progress=None)


def test_an_encoder_gets_one_beyond_the_threshold(many: Encoder, settings: Any) -> None:
    settings.ANN_THRESHOLD = 400
    assert ann_index.encoders_to_index() == []
    settings.ANN_THRESHOLD = 399
    assert ann_index.encoders_to_index() == [many]
    build_indexes()
    assert ann_index.encoders_to_index() == []
    ann_index.drop(many)


def test_vectors_too_wide_for_pgvector_are_compared_one_by_one(db: None, settings: Any) -> None:
    settings.ANN_THRESHOLD = 0
    Encoder.objects.create(name="wide", dimensions=4001)
    assert ann_index.encoders_to_index() == []


def test_two_workers_do_not_build_it_twice(
    many: Encoder, other_session: Any, settings: Any
) -> None:
    settings.ANN_THRESHOLD = 0
    with building(many, other_session):
        assert ann_index.build(many) is False
        assert ann_index.state(many).is_valid is False
        assert ann_index.encoders_to_index() == []
    assert ann_index.state(many).is_valid
    ann_index.drop(many)


def test_a_killed_build_is_made_good(many: Encoder, other_session: Any) -> None:
    with building(many, other_session), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index")
    wait_until(lambda: ann_index.state(many).progress is None)
    assert ann_index.state(many).is_valid is False
    wait_until(lambda: ann_index.build(many))
    assert ann_index.state(many).is_valid
    ann_index.drop(many)


def test_building_leaves_the_sessions_settings_as_they_were(indexed: Encoder) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW maintenance_work_mem")
        assert cursor.fetchone() == ("64MB",)


def test_dropping_what_is_not_there_is_no_error(indexed: Encoder) -> None:
    ann_index.drop(indexed)
    ann_index.drop(indexed)
    assert ann_index.state(indexed).is_valid is False
    assert index_name(indexed) == f"embedding_ann_{indexed.pk}"

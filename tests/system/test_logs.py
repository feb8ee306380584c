"""Every line tells which request and which task it is about, from the click to the worker."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from logging.config import dictConfig
from threading import Timer
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from redis import Redis

from gallery.bell import ring
from gallery.tasks import render_pending
from retrieval_site.logs.context import about
from retrieval_site.logs.lines import logging_settings
from tests.system.conftest import Start

logger = logging.getLogger("tests.logs")


@pytest.fixture
def written() -> Iterator[Any]:
    """Log in that format: `written("json")` gives the stream."""
    out = StringIO()

    def begin(form: str) -> StringIO:
        dictConfig(logging_settings(form, "INFO"))
        handler = logging.getLogger().handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(out)
        return out

    yield begin
    dictConfig(site.LOGGING)


def test_a_request_is_named_in_its_answer(client: Client) -> None:
    first, second = (client.get("/healthz")["X-Request-ID"] for _ in range(2))
    assert len(first) == len(second) == 32
    assert first != second


def test_the_name_that_a_proxy_gives_is_kept(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "req-1.a"})["X-Request-ID"] == "req-1.a"


@pytest.mark.parametrize("said", ["a b", "a\tb", "x" * 65, '"', "ä", ""])
def test_a_name_that_makes_no_sense_is_replaced(client: Client, said: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": said})
    assert len(answer["X-Request-ID"]) == 32


def test_a_line_of_json_tells_all(written: Any) -> None:
    out = written("json")
    with about("one"):
        logger.warning("%s pictures\nand more", 3)
    told = json.loads(out.getvalue())
    assert told.pop("time").endswith("+00:00")
    assert told == {
        "level": "WARNING",
        "logger": "tests.logs",
        "message": "3 pictures\nand more",
        "request_id": "one",
        "task_id": "",
    }


def test_a_mistake_is_one_line_of_json(written: Any, client: Client) -> None:
    out = written("json")
    try:
        raise ValueError("mistaken")
    except ValueError:
        logger.exception("it went wrong")
    (line,) = out.getvalue().splitlines()
    assert "ValueError: mistaken" in json.loads(line)["exc_info"]


def test_requests_are_told_to_programs_and_not_to_people(written: Any, client: Client) -> None:
    out = written("line")
    client.get("/healthz")
    assert out.getvalue() == ""
    out = written("json")
    client.get("/healthz?secret", headers={"X-Request-ID": "one"})
    told = json.loads(out.getvalue())
    assert (told["method"], told["path"], told["status"]) == ("GET", "/healthz", 200)
    assert (told["request_id"], "secret" in out.getvalue()) == ("one", False)


def test_people_read_the_name_behind_the_message(written: Any) -> None:
    out = written("line")
    logger.warning("alone")
    with about("one"):
        logger.warning("named")
    assert out.getvalue().splitlines()[0].endswith("WARNING tests.logs alone")
    assert out.getvalue().splitlines()[1].endswith("WARNING tests.logs named request=one")


def test_a_bell_tells_the_worker_who_rang() -> None:
    with about("one"):
        ring(render_pending)
    with Redis.from_url(site.REDIS_URL) as redis:
        message: Any = redis.lpop("media")
    assert json.loads(message)["headers"]["request_id"] == "one"


@pytest.mark.django_db(transaction=True)
def test_the_worker_tells_of_whom_and_which_task(start: Start) -> None:
    with about("one"):
        ring(render_pending)
    options = ("--queues", "media", "--pool", "solo", "--hostname", "logging@%h")
    worker = start("worker", *options, LOG_FORMAT="json")
    assert worker.stderr is not None
    # Its end would end the reading of its lines.
    patience = Timer(60, worker.kill)
    patience.start()
    lines = (json.loads(line) for line in worker.stderr if line.startswith(b"{"))
    told = next(line for line in lines if line["logger"] == "retrieval_site.tasks")
    assert (told["message"], told["request_id"]) == ("gallery.tasks.render_pending SUCCESS", "one")
    assert len(told["task_id"]) == 36
    patience.cancel()

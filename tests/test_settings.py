"""Settings from the environment: a bad value stops the start, naming the variable."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from retrieval_site.env import (
    broker_from_url,
    database_from_url,
    env_bool,
    env_choice,
    env_folder,
    env_fraction,
    env_int,
    env_list,
    env_str,
    mail_from_url,
)

Set = Callable[[str], None]


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Set the variable X."""
    monkeypatch.delenv("X", raising=False)

    def set_variable(text: str) -> None:
        monkeypatch.setenv("X", text)

    return set_variable


def test_what_is_not_set_has_its_default(value: Set) -> None:
    assert (env_str("X", "a"), env_bool("X", True), env_int("X", 7)) == ("a", True, 7)
    assert env_list("X", ["a"]) == ["a"]


def test_what_is_empty_has_its_default(value: Set) -> None:
    value("")
    assert (env_str("X", "a"), env_bool("X", True), env_int("X", 7)) == ("a", True, 7)
    assert env_list("X", ["a"]) == ["a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1", True), ("TRUE", True), ("yes", True), ("on", True), ("0", False), ("No", False)],
)
def test_a_switch_is_read(value: Set, text: str, expected: bool) -> None:
    value(text)
    assert env_bool("X", not expected) is expected


def test_a_bad_switch_names_the_variable_and_what_is_allowed(value: Set) -> None:
    value("maybe")
    with pytest.raises(ImproperlyConfigured, match=r"X='maybe' is not one of 0, 1, false"):
        env_bool("X", False)


@pytest.mark.parametrize("text", ["ten", "1.5", "1e3"])
def test_a_bad_number_names_the_variable(value: Set, text: str) -> None:
    value(text)
    with pytest.raises(ImproperlyConfigured, match=r"X=.* is not a whole number"):
        env_int("X", 1)


def test_a_number_that_is_too_small_names_the_least(value: Set) -> None:
    value("-1")
    with pytest.raises(ImproperlyConfigured, match=r"X=-1 is too small: at least 0"):
        env_int("X", 1)


@pytest.mark.parametrize("text", ["most", "0", "1.01", "nan"])
def test_a_bad_fraction_names_the_variable(value: Set, text: str) -> None:
    value(text)
    with pytest.raises(ImproperlyConfigured, match="X="):
        env_fraction("X", 0.5)


def test_a_fraction_is_read(value: Set) -> None:
    value("0.95")
    assert env_fraction("X", 0.5) == 0.95


def test_a_choice_is_one_of_those_allowed(value: Set) -> None:
    assert env_choice("X", "b", {"b", "a"}) == "b"
    value("c")
    with pytest.raises(ImproperlyConfigured, match="X='c' is not one of a, b"):
        env_choice("X", "b", {"b", "a"})


def test_a_folder_must_be_there(value: Set, tmp_path: Path) -> None:
    value(str(tmp_path))
    assert env_folder("X") == tmp_path
    value("")
    assert env_folder("X") is None
    value(str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match=r"X=.*gone' is not a folder"):
        env_folder("X")


def test_a_list_stands_between_commas(value: Set) -> None:
    value("a, b,,c ")
    assert env_list("X", []) == ["a", "b", "c"]


def test_a_database_on_a_port() -> None:
    found = database_from_url("postgresql://me:p%40ss@db.example:5433/photos?sslmode=require")
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "photos",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"connect_timeout": "5", "sslmode": "require"},
    }


def test_how_long_a_connection_may_take_is_the_address_to_say() -> None:
    found = database_from_url("postgresql://me@db.example/photos?connect_timeout=30")
    assert found["OPTIONS"] == {"connect_timeout": "30"}


def test_a_database_on_a_socket() -> None:
    found = database_from_url("postgresql://me:secret@/photos?host=%2Frun%2Fmy%20pg&port=5434")
    assert (found["HOST"], found["PORT"]) == ("/run/my pg", "5434")


@pytest.mark.parametrize(
    "url", ["mysql://me@host/name", "photos", "postgresql://me@host", "postgresql://me@host/"]
)
def test_another_database_names_the_variable(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database_from_url(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("rediss://host/1", "rediss://host/1"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
    ],
)
def test_redis_in_the_spelling_of_celery(url: str, expected: str) -> None:
    assert broker_from_url(url) == expected


@pytest.mark.parametrize("url", ["http://host", "/run/redis.sock", "host:6379"])
def test_another_broker_names_the_variable(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        broker_from_url(url)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEBUG", "perhaps"),
        ("IMAGE_MAX_BYTES", "lots"),
        ("EMBED_BATCH_SIZE", "0"),
        ("DATABASE_URL", "sqlite:///x"),
        ("REDIS_URL", "amqp://x"),
        ("ENCODER", "oracle"),
        ("ENCODER_WEIGHTS_DIR", "/nowhere"),
        ("METRICS_TOKEN", "short"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "LOUD"),
        ("TIME_ZONE", "Berlin"),
        ("ALLOWED_HOSTS", "https://photos.example.org"),
        ("ALLOWED_HOSTS", "photos.example.org:8000"),
        ("CSRF_TRUSTED_ORIGINS", "photos.example.org"),
        ("DATABASE_URL", "postgresql://me@host:port/name"),
    ],
)
def test_a_start_with_a_bad_value_says_which(variable: str, value: str, tmp_path: Path) -> None:
    environment: dict[str, Any] = {**os.environ, "VAR_DIR": str(tmp_path), variable: value}
    command = [sys.executable, "-c", "import retrieval_site.settings"]
    root = Path(__file__).parent.parent
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert variable in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", ("smtp", "", 25, "", "")),
        (
            "smtp+tls://me:a%40b@mail.example.org",
            ("smtp+tls", "mail.example.org", 587, "me", "a@b"),
        ),
        ("smtps://mail.example.org:4650", ("smtps", "mail.example.org", 4650, "", "")),
    ],
)
def test_a_mail_server_is_read(url: str, expected: tuple[Any, ...]) -> None:
    assert tuple(mail_from_url(url).values()) == expected


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://"])
def test_a_mail_server_of_another_kind_is_told(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL must look like"):
        mail_from_url(url)

"""Settings from the environment. A bad value stops the start and names the remedy."""

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
SECRET_LENGTH = 16
FALSE = {"0", "false", "no", "off"}


def env_str(name: str, default: str) -> str:
    return os.environ.get(name) or default


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").lower()
    if not value:
        return default
    if value not in TRUE | FALSE:
        allowed = ", ".join(sorted(TRUE | FALSE))
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {allowed}")
    return value in TRUE


def env_int(name: str, default: int, *, minimum: int = 0) -> int:
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number") from None
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number} is too small: at least {minimum}")
    return number


def env_fraction(name: str, default: float) -> float:
    value = os.environ.get(name, "")
    if not value:
        return default
    try:
        number = float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a number") from None
    if not 0 < number <= 1:
        raise ImproperlyConfigured(f"{name}={number} is out of range: above 0, at most 1")
    return number


def env_choice(name: str, default: str, allowed: Iterable[str]) -> str:
    value = os.environ.get(name) or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(sorted(allowed))}")
    return value


def env_folder(name: str) -> Path | None:
    """The folder that the variable names, which must be there; None where it is not set."""
    value = os.environ.get(name, "")
    if not value:
        return None
    if not Path(value).is_dir():
        raise ImproperlyConfigured(f"{name}={value!r} is not a folder")
    return Path(value)


def env_secret(name: str) -> str:
    """A secret that nobody guesses; empty where it is not set."""
    value = os.environ.get(name, "")
    if value and len(value) < SECRET_LENGTH:
        raise ImproperlyConfigured(
            f"{name} is too short to be a secret: at least {SECRET_LENGTH} characters"
        )
    return value


def env_list(name: str, default: list[str]) -> list[str]:
    value = os.environ.get(name, "")
    return [item.strip() for item in value.split(",") if item.strip()] or default


def env_hosts(name: str, default: list[str]) -> list[str]:
    """Names of hosts, without the scheme and the port that people copy along with them."""
    hosts = env_list(name, default)
    for host in hosts:
        if "/" in host or re.search(r"[^:\]]:\d+$", host):
            raise ImproperlyConfigured(
                f"{name}={host!r} is more than a name: leave out the scheme, the port and any path"
            )
    return hosts


def env_origins(name: str) -> list[str]:
    """Origins, which begin with their scheme."""
    origins = env_list(name, [])
    for origin in origins:
        if not re.fullmatch(r"https?://[^/]+", origin):
            raise ImproperlyConfigured(
                f"{name}={origin!r} is no origin: it looks like https://photos.example.org"
            )
    return origins


def env_time_zone(name: str, default: str) -> str:
    value = env_str(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ImproperlyConfigured(
            f"{name}={value!r} is not a time zone: they look like Europe/Berlin"
        ) from None
    return value


# For a database whose machine does not even refuse: pages then say so instead of waiting.
CONNECT_SECONDS = "5"


def database_from_url(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for a `postgresql://` URI as libpq spells it.

    A Unix socket's folder stands in the `host` parameter: `postgresql://me:secret@/name?host=/run/pg`.
    Where nobody says how long to wait for a connection, it is not the minutes of libpq.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name"
        )
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = options.pop("host", "") or unquote(parts.hostname or "")
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL has a port that is no number") from None
    name = unquote(parts.path.lstrip("/"))
    if not name:
        raise ImproperlyConfigured("DATABASE_URL names no database: end it with /name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": options.pop("port", "") or str(port or ""),
        "OPTIONS": {"connect_timeout": CONNECT_SECONDS, **options},
    }


def mail_from_url(url: str) -> dict[str, Any]:
    """Where mail is sent by; an empty URL is an empty host."""
    ports = {"smtp": 25, "smtps": 465, "smtp+tls": 587}
    parts = urlsplit(url or "smtp:")
    if parts.scheme not in ports or bool(url) != bool(parts.hostname):
        raise ImproperlyConfigured(
            "EMAIL_URL must look like smtp+tls://user:password@host:587, smtps://… or smtp://…"
        )
    return {
        "scheme": parts.scheme,
        "host": parts.hostname or "",
        "port": parts.port or ports[parts.scheme],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }


def broker_from_url(url: str) -> str:
    """Celery's spelling of a Redis URL: sockets are `redis+socket:///path?virtual_host=0`."""
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss"}:
        return url
    if parts.scheme != "unix":
        raise ImproperlyConfigured(
            "REDIS_URL must look like redis://host:6379/0, rediss://… or unix:///path/to/socket?db=0"
        )
    database = parse_qs(parts.query).get("db", ["0"])[-1]
    return f"redis+socket://{parts.path}?virtual_host={database}"

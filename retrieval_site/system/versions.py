"""Of what the gallery is made, and at which versions."""

import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from django.conf import settings
from django.db import connection
from redis import Redis, RedisError

from retrieval_site.readiness import AT_ONCE

# As they are called, and as they are installed. None of them is imported for it.
PACKAGES = {
    "Django": "django",
    "Celery": "celery",
    "Pillow": "pillow",
    "TensorFlow": "tensorflow",
    "pgvector (Python)": "pgvector",
}


@cache
def own_version() -> str:
    """That of the newest section of the changelog."""
    found = re.search(r"^## (.+)$", (settings.BASE_DIR / "CHANGELOG.md").read_text(), re.MULTILINE)
    return found.group(1) if found else "?"


def versions() -> dict[str, str]:
    return {
        "Lookalike": own_version(),
        "Python": platform.python_version(),
        **{name: installed(package) for name, package in PACKAGES.items()},
        **database_versions(),
        "Redis": redis_version(),
    }


@cache
def installed(package: str) -> str:
    """A web server may well do without TensorFlow."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "—"


def database_versions() -> dict[str, str]:
    query = """
        SELECT current_setting('server_version'),
               (SELECT extversion FROM pg_extension WHERE extname = 'vector')
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        server, extension = cursor.fetchone()
    return {"PostgreSQL": server, "pgvector (PostgreSQL)": extension}


def redis_version() -> str:
    try:
        with Redis.from_url(settings.REDIS_URL, **AT_ONCE) as redis:
            return str(redis.info("server")["redis_version"])
    except RedisError:
        return "—"

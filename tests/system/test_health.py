"""Probes hear whether the process lives and whether the gallery can serve, and why not."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings

from gallery.models import Worker
from retrieval_site.readiness import Severity, look_at_storage

NOBODY = "unix:///nowhere/redis.sock?db=0"


def ask(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()


def test_a_process_that_lives_says_so_without_a_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "no-store" in answer["Cache-Control"]


def test_all_is_well(client: Client, staffed: None) -> None:
    status, told = ask(client)
    assert (status, told["status"]) == (200, "ready")
    well = {"ok": True, "reason": ""}
    assert told["checks"] == dict.fromkeys(("database", "broker", "storage", "workers"), well)


@pytest.mark.django_db
def test_without_workers_pages_are_served_all_the_same(client: Client) -> None:
    status, told = ask(client)
    assert (status, told["status"]) == (200, "degraded")
    assert (
        told["checks"]["workers"]["reason"]
        == "No worker listens on query, embed, train, sweep, media."
    )


def test_only_the_queue_that_nobody_listens_on_is_named(client: Client, staffed: None) -> None:
    Worker.objects.filter(name="encoder@here").delete()
    assert ask(client)[1]["checks"]["workers"]["reason"] == "No worker listens on query, embed."


def test_a_broker_that_is_away_stops_no_page(client: Client, staffed: None) -> None:
    with override_settings(REDIS_URL=NOBODY):
        status, told = ask(client)
    assert (status, told["status"]) == (200, "degraded")
    assert told["checks"]["broker"]["reason"].startswith("Redis does not answer")


@pytest.mark.django_db(transaction=True)
def test_without_a_database_nothing_can_be_served(client: Client) -> None:
    connection.close()
    host = connection.settings_dict["HOST"]
    try:
        connection.settings_dict["HOST"] = "/nowhere"
        status, told = ask(client)
    finally:
        connection.settings_dict["HOST"] = host
    assert (status, told["status"]) == (503, "unready")
    assert told["checks"]["database"]["reason"] == "The database does not answer."
    assert told["checks"]["workers"]["reason"].startswith("Not known")
    assert "/nowhere" not in str(told)


def test_a_database_that_is_not_migrated_is_not_served_from(client: Client, staffed: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'gallery' AND name ~ 'workers'")
    status, told = ask(client)
    assert status == 503
    assert "manage.py migrate" in told["checks"]["database"]["reason"]


def test_images_that_can_only_be_read_are_still_shown(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = Path("/proc/self")
    assert look_at_storage().severity == Severity.DEGRADED


def test_without_its_folder_no_image_is_served(settings: Any) -> None:
    settings.MEDIA_ROOT = Path("/proc/nowhere")
    assert look_at_storage().severity == Severity.UNREADY


def test_a_full_disk_is_told(settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 2**60
    assert look_at_storage().reason == "The disk of the images is full."

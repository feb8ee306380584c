"""Whatever is killed, flushed or restarted: every image ends ready, none twice, nothing by hand."""

import os
import signal
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from redis import Redis

from gallery.renditions import KINDS
from tests.conftest import picture_bytes
from tests.faults.installation import Installation
from tests.faults.mortal_encoder import DEADLY

pytestmark = pytest.mark.faults

MANY = 24
# Seconds, on a machine that does much else.
QUICK = 4
READY, PENDING = (f"search_embedding WHERE state = '{state}'" for state in ("ready", "pending"))
numbers = count()


def pictures(how_many: int = MANY) -> Iterator[bytes]:
    """Pictures no test has had before."""
    for number in range(how_many):
        seed = next(numbers)
        yield picture_bytes((seed % 256, seed // 256, number), size=(200, 150))


def upload_many(gallery: Installation) -> None:
    """Upload, and return when the worker is in the middle of its work on what was uploaded."""
    worker = gallery.encoder_worker()
    worker.suspend()
    for data in pictures():
        gallery.upload(data)
    ready = gallery.count(READY)
    worker.resume()
    gallery.wait_for(lambda: gallery.count(READY) > ready)
    assert gallery.count(PENDING)


def seconds_to_upload(gallery: Installation, data: bytes) -> float:
    began = time.monotonic()
    gallery.upload(data)
    return time.monotonic() - began


def failures(gallery: Installation) -> dict[str, str]:
    """Title and reason of every image that failed so far."""
    return dict(
        gallery.ask(
            "SELECT title, error FROM search_embedding e JOIN gallery_image i ON i.id = e.image_id"
            " WHERE e.state = 'failed'"
        )
    )


def assert_sound(gallery: Installation) -> None:
    """Each image has one vector or a reason, its files and no others are there."""
    images = gallery.count("gallery_image")
    assert gallery.count("search_embedding") == images
    assert gallery.count("search_embedding WHERE vector IS NOT NULL") == images - len(
        failures(gallery)
    )
    assert gallery.count("gallery_strayfile WHERE delete_after <= now()") == 0
    wanted = set()
    for file, state in gallery.ask(
        "SELECT file, state FROM gallery_image i JOIN gallery_rendering r ON r.image_id = i.id"
    ):
        wanted |= {file}
        stem = file.removeprefix("originals/").rpartition(".")[0]
        kinds = KINDS if state == "ready" else {}
        wanted |= {f"renditions/{stem}-{kind}.jpg" for kind in kinds}
    found = {str(path.relative_to(gallery.media)) for path in gallery.media.rglob("*.*")}
    assert found == wanted


def test_a_worker_killed_in_the_middle_of_an_import(gallery: Installation, tmp_path: Path) -> None:
    for number, data in enumerate(pictures(2 * MANY)):
        (tmp_path / f"{number}.png").write_bytes(data)
    importing = gallery.command("import_images", str(tmp_path), "--owner", "admin")
    gallery.wait_for(lambda: gallery.count(READY))
    assert importing.poll() is None or gallery.count(PENDING)
    gallery.encoder_worker().kill()
    assert importing.communicate()[0].startswith(f"{2 * MANY} imported")
    gallery.settle()
    assert failures(gallery) == {}
    assert_sound(gallery)


def test_a_flushed_redis(gallery: Installation) -> None:
    upload_many(gallery)
    with Redis.from_url(gallery.redis_url) as redis:
        redis.flushall()
    gallery.settle()
    assert failures(gallery) == {}
    assert_sound(gallery)


def test_a_restarted_postgres(gallery: Installation) -> None:
    upload_many(gallery)
    gallery.restart_postgres()
    gallery.settle()
    assert failures(gallery) == {}
    assert_sound(gallery)


def test_uploads_without_a_broker_are_quick_and_embedded_later(gallery: Installation) -> None:
    gallery.redis.kill()
    assert max(seconds_to_upload(gallery, data) for data in pictures(3)) < QUICK
    gallery.start_redis()
    gallery.settle()
    assert failures(gallery) == {}
    assert_sound(gallery)


def test_a_broker_that_hangs_holds_up_nobody(gallery: Installation) -> None:
    os.kill(gallery.redis.pid, signal.SIGSTOP)
    assert max(seconds_to_upload(gallery, data) for data in pictures(3)) < QUICK
    os.kill(gallery.redis.pid, signal.SIGCONT)
    gallery.settle()
    assert failures(gallery) == {}
    assert_sound(gallery)


def test_an_image_cut_off_fails_with_a_reason_and_alone(gallery: Installation) -> None:
    whole = picture_bytes("white", size=(400, 300), format="JPEG")
    gallery.upload(whole[: len(whole) // 2], "cut off.jpg")
    for data in pictures(7):
        gallery.upload(data)
    gallery.settle()
    reason = "The file ends too early: it was probably cut off while being copied."
    assert failures(gallery) == {"cut off": reason}
    assert_sound(gallery)


def test_an_image_that_kills_its_worker_is_given_up_and_takes_nobody_along(
    gallery: Installation,
) -> None:
    before = failures(gallery)
    gallery.upload(picture_bytes(DEADLY), "deadly.png")
    for data in pictures(7):
        gallery.upload(data)
    gallery.settle()
    reason = "Given up: computing its embedding ended the program three times."
    assert failures(gallery) == {**before, "deadly": reason}
    assert_sound(gallery)

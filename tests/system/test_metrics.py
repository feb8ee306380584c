"""Prometheus reads what waits, who works and how long it takes, with a token and not without."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings
from prometheus_client.parser import text_string_to_metric_families

from gallery.models import Image, User
from search.models import Embedding, EmbeddingTime, Encoder
from tests.system.test_health import NOBODY

TOKEN = "a-token-for-prometheus"
Read = Callable[..., float]


@pytest.fixture
def read(client: Client, db: None, settings: Any) -> Read:
    """The value of a sample now: `read("lookalike_images")`."""
    settings.METRICS_TOKEN = TOKEN

    def sample(name: str, **labels: str) -> float:
        text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        samples = (one for family in text_string_to_metric_families(text) for one in family.samples)
        found = [
            one.value
            for one in samples
            if one.name == name and labels.items() <= one.labels.items()
        ]
        assert len(found) == 1, (name, labels, found)
        return found[0]

    return sample


@pytest.mark.parametrize("token", ["", TOKEN])
def test_to_others_there_are_no_figures(client: Client, alice: User, token: str) -> None:
    with override_settings(METRICS_TOKEN=token):
        assert client.get("/metrics").status_code == 404
        client.force_login(alice)
        assert client.get("/metrics").status_code == 404
        for said in ("Bearer ", "Bearer wrong", f"Token {TOKEN}"):
            assert client.get("/metrics", headers={"Authorization": said}).status_code == 401


def test_those_who_run_it_may_read_them(admin: Client) -> None:
    answer = admin.get("/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")


def test_what_waits_and_what_failed_is_counted(read: Read, image: Image) -> None:
    tiny = Encoder.objects.get(name="tiny")
    work = {"kind": "embeddings", "queue": "embed", "encoder": tiny.handle}
    Embedding.objects.create(image=image, encoder=tiny)
    assert read("lookalike_work_waiting", **work) == 1
    assert read("lookalike_work_waiting", kind="renditions", queue="media") == 1
    Embedding.objects.all().fail("broken")
    assert read("lookalike_work_failed", **work) == 1
    assert read("lookalike_images") == 1


def test_living_workers_are_counted_by_queue(read: Read, staffed: None) -> None:
    assert (read("lookalike_workers", queue="embed"), read("lookalike_beats")) == (1, 1)
    assert read("lookalike_ready", what="workers") == 1


def test_batches_are_counted_by_how_long_they_took(
    read: Read, image: Image, embed: Callable[..., None]
) -> None:
    tiny = Encoder.objects.get(name="tiny")
    embed(image)
    EmbeddingTime.objects.note(tiny, 16, 3.0)
    name, encoder = "lookalike_embed_batch_seconds", tiny.handle
    buckets = [read(f"{name}_bucket", encoder=encoder, le=le) for le in ("2.0", "4.0", "+Inf")]
    assert buckets == [1, 2, 2]
    assert 3 < read(f"{name}_sum", encoder=encoder) < 5
    assert read("lookalike_embed_images_total", encoder=encoder) == 17


def test_requests_and_searches_are_timed(
    client: Client, read: Read, image: Image, embed: Callable[..., None], alice: User
) -> None:
    embed(image)
    client.force_login(alice)
    similar = {"method": "GET", "view": "search:similar", "status": "200"}
    client.get(f"/images/{image.pk}/similar/")
    before = [
        read("lookalike_http_request_seconds_count", **similar),
        read("lookalike_search_seconds_count", compared="all"),
    ]
    client.get(f"/images/{image.pk}/similar/")
    assert read("lookalike_http_request_seconds_count", **similar) == before[0] + 1
    assert read("lookalike_search_seconds_count", compared="all") == before[1] + 1


def test_invented_addresses_make_no_new_series(client: Client, read: Read) -> None:
    client.get("/invented/one/")
    lost = {"method": "GET", "view": "none", "status": "404"}
    before = read("lookalike_http_request_seconds_count", **lost)
    client.get("/invented/two/")
    client.generic("INVENT", "/invented/")
    assert read("lookalike_http_request_seconds_count", **lost) == before + 1
    assert read("lookalike_http_request_seconds_count", method="other", view="none") == 1


def test_what_is_known_is_told_without_a_broker(read: Read, staffed: None) -> None:
    with override_settings(REDIS_URL=NOBODY):
        assert read("lookalike_ready", what="broker") == 0
        assert read("lookalike_images") == 0

"""What a script does: take a token, upload, wait, ask for similar images."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from gallery.models import User
from gallery.rendering import render_next
from search.indexing import embed_batch
from search.models import Embedding
from tests.conftest import Picture

Call = Callable[..., Any]


@pytest.fixture
def script(alice: User, django_capture_on_commit_callbacks: Any) -> Call:
    """Calls the API with a token; what waits for a commit happens as soon as the answer is out."""
    out = StringIO()
    call_command("api_token", "alice", stdout=out)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {out.getvalue().strip()}")

    def call(method: str, path: str, status: int, data: Any = None) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            answer = getattr(client, method)(path, data)
        assert answer.status_code == status, answer.text
        return answer.json()

    return call


def test_a_script_uploads_waits_and_asks(script: Call, picture: Picture) -> None:
    sent = [
        script("post", "/api/v1/images/", 201, {"file": picture(color), "title": color})
        for color in ("#ff0000", "#0000ff", "#ff2000")
    ]
    red = sent[0]
    assert {image["embedding"]["state"] for image in sent} == {"pending"}
    assert script("get", red["similar_url"], 202)["state"] == "pending"

    while embed_batch(Embedding.objects.all()) or render_next():
        pass

    image = script("get", f"/api/v1/images/{red['id']}/", 200)
    assert image["embedding"] == {"encoder": "tiny", "state": "ready", "error": None}
    assert image["thumbnail_url"]
    found = script("get", red["similar_url"], 200)
    assert [hit["image"]["title"] for hit in found["results"]] == ["#ff2000", "#0000ff"]


def test_the_one_waited_for_goes_first(script: Call, picture: Picture) -> None:
    _, later = (
        script("post", "/api/v1/images/", 201, {"file": picture(color)})
        for color in ("red", "blue")
    )
    script("get", later["similar_url"], 202)
    assert embed_batch(Embedding.objects.wanted()) == 1
    script("get", later["similar_url"], 200)

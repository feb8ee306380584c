"""New weights are being filled: what the old ones never saw is asked of the new ones."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, State, User
from search import asking
from search.asking import embed_next_query, sweep_queries
from search.catalogue import register_encoders
from search.indexing import embed_batch, request_embeddings, sweep
from search.models import Embedding, Encoder, Query
from search.tasks import embed_wanted
from tests.conftest import Picture
from tests.tiny_encoder import TinyEncoder

SignIn = Callable[[User], Client]
Store = Callable[..., Image]
SEARCH = "/api/v1/search/"
FILLING = "The encoder’s new version answers here."
BLIND = "can’t look at new pictures here"


@pytest.fixture
def gone(red: Image, settings: Any) -> Encoder:
    """The active encoder, which this installation has no more."""
    settings.ENCODERS = {}
    return Encoder.objects.get()


@pytest.fixture
def filling(red: Image, retrained: Encoder) -> Encoder:
    """The new weights, with no vector so far of the three images that the old ones know."""
    request_embeddings(Image.objects.all())
    return retrained


def neighbours(client: Client, address: str) -> tuple[Encoder, list[str]]:
    found = client.get(address).context["neighbours"]
    return found.encoder, [one.image.title for one in found.results]


def embed_all() -> None:
    while embed_batch(Embedding.objects.all()):
        pass


def test_what_the_old_ones_know_they_answer(
    sign_in: SignIn, alice: User, red: Image, filling: Encoder
) -> None:
    address = f"/images/{red.pk}/similar/"
    encoder, titles = neighbours(sign_in(alice), address)
    assert encoder.is_active
    assert titles == ["near", "far"]
    assert FILLING not in sign_in(alice).get(address).text


def test_a_new_image_gets_its_neighbours_from_the_new_ones(
    sign_in: SignIn, alice: User, store: Store, filling: Encoder
) -> None:
    client, new = sign_in(alice), store("#fe0000", title="new")
    address = f"/images/{new.pk}/similar/"
    assert client.get(address).context["neighbours"].is_waiting
    embed_wanted()
    assert neighbours(client, address) == (filling, [])
    embed_all()
    assert neighbours(client, address) == (filling, ["red", "near", "far"])
    assert FILLING in client.get(address).text
    assert set(Embedding.objects.filter(image=new).values_list("encoder", flat=True)) == {
        filling.pk
    }
    sweep()
    assert FILLING not in client.get(address).text


def test_a_picture_is_looked_at_by_the_new_ones(
    sign_in: SignIn, alice: User, picture: Picture, filling: Encoder
) -> None:
    client = sign_in(alice)
    address = client.post("/search/", {"file": picture("#fe0000")}).headers["Location"]
    embed_all()
    assert embed_next_query()
    assert neighbours(client, address) == (filling, ["red", "near", "far"])
    # The old ones are named, as their name is the same, and can't look at it.
    assert neighbours(client, f"{address}?encoder=tiny")[0] == filling


def test_a_search_with_it_is_saved_and_answers_too(
    sign_in: SignIn, alice: User, picture: Picture, filling: Encoder
) -> None:
    client = sign_in(alice)
    client.post("/search/", {"file": picture("#fe0000")})
    embed_all()
    embed_next_query()
    kept = client.post("/searches/save/", {"name": "Reddish", "query": Query.objects.get().pk})
    encoder, titles = neighbours(client, kept.headers["Location"])
    assert (encoder, titles) == (filling, ["red", "near", "far"])


@pytest.fixture
def waiting(red: Image, sign_in: SignIn, alice: User, picture: Picture) -> Query:
    """Asked just before the new weights were installed."""
    sign_in(alice).post("/search/", {"file": picture("#fe0000")})
    return Query.objects.get()


def test_what_waits_for_the_old_ones_is_handed_over(
    waiting: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TinyEncoder, "digest", "f" * 64)
    register_encoders()
    assert sweep_queries()
    assert embed_next_query()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.encoder.digest) == (State.READY, "f" * 64)


def test_what_waits_for_an_encoder_that_is_gone_is_told_so(waiting: Query, settings: Any) -> None:
    settings.ENCODERS = {}
    assert not sweep_queries()
    waiting.refresh_from_db()
    assert waiting.state == State.FAILED
    assert "There is no encoder 'tiny'" in waiting.error


def test_what_waits_for_an_encoder_that_just_came_back_goes_on_waiting(
    waiting: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "encoders_to_fill", list)
    sweep_queries()
    monkeypatch.undo()
    assert embed_next_query()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.error) == (State.READY, "")


def test_without_new_ones_a_new_image_does_not_wait(
    sign_in: SignIn, alice: User, api: Any, store: Store, gone: Encoder
) -> None:
    new = store("#fe0000", title="new")
    page = sign_in(alice).get(f"/images/{new.pk}/similar/")
    assert not page.context["neighbours"].is_waiting
    assert BLIND in page.text
    assert not Embedding.objects.filter(image=new).exists()
    answer = api(alice).get(f"/api/v1/images/{new.pk}/similar/")
    assert answer.status_code == 409
    assert BLIND in answer.json()["detail"]


def test_without_new_ones_a_picture_does_not_wait(
    api: Any, alice: User, picture: Picture, gone: Encoder
) -> None:
    answer = api(alice).post(SEARCH, {"file": picture("#fe0000")})
    assert (answer.status_code, answer.json()["state"]) == (200, "failed")
    assert BLIND in answer.json()["error"]


def test_without_new_ones_examples_the_old_ones_never_saw_do_not_wait(
    sign_in: SignIn, alice: User, red: Image, store: Store, gone: Encoder
) -> None:
    new = store("#fe0000", title="new")
    page = sign_in(alice).get(f"/search/?positive={red.pk},{new.pk}")
    assert not page.context["neighbours"].is_waiting
    assert BLIND in page.text

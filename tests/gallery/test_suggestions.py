"""What the search field suggests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def suggested(client: Client, text: str) -> list[tuple[str, str, int | None]]:
    found = client.get("/suggestions/", {"q": text}).context["suggestions"]
    return [(str(one.kind), one.text, one.count) for one in found]


@pytest.fixture
def harbour(store: Store) -> Image:
    return store("red", title="Old harbour", tags=["Harbour", "boats"], album="Harbours (all)")


@pytest.mark.parametrize("text", ["harb", "HARBOUR", " harb"])
def test_tags_albums_and_titles_are_suggested(
    sign_in: SignIn, alice: User, harbour: Image, text: str
) -> None:
    assert suggested(sign_in(alice), text) == [
        ("Tag", "Harbour", 1),
        ("Album", "Harbours (all)", None),
        ("Title", "Old harbour", None),
    ]


@pytest.mark.parametrize("text", ["", " ", "arbour", ".*", "(", "\\", "\0", "x" * 500])
def test_what_begins_no_word_suggests_nothing(
    sign_in: SignIn, alice: User, harbour: Image, text: str
) -> None:
    assert suggested(sign_in(alice), text) == []


def test_a_stranger_is_suggested_nothing(
    sign_in: SignIn, charlie: User, harbour: Image, client: Client
) -> None:
    assert suggested(client, "harb") == suggested(sign_in(charlie), "harb") == []


def test_a_count_is_of_what_one_may_see(
    sign_in: SignIn, charlie: User, harbour: Image, store: Store
) -> None:
    store("blue", title="Pier", tags=["harbour"], visibility="public")
    assert suggested(sign_in(charlie), "harb") == [("Tag", "Harbour", 1), ("Title", "Pier", None)]


def test_a_suggestion_leads_to_its_pictures(sign_in: SignIn, alice: User, harbour: Image) -> None:
    client = sign_in(alice)
    for one in client.get("/suggestions/?q=harb").context["suggestions"]:
        assert client.get(f"/{one.address}").context["images"] == [harbour]


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn, alice: User, store: Store, django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    for level in range(6):
        store((level, 0, 0), title=f"wall {level}", tags=[f"wall {level}"], album=f"wall {level}")
    # Session, user, tags, albums, titles.
    with django_assert_num_queries(5):
        client.get("/suggestions/?q=wall")


def completed(client: Client, text: str, others: str = "") -> list[tuple[str, int]]:
    found = client.get("/suggestions/tags/", {"q": text, "others": others}).context["tags"]
    return [(tag["name"], tag["count"]) for tag in found]


def test_a_tag_is_completed_by_the_most_used(sign_in: SignIn, alice: User, store: Store) -> None:
    store("red", tags=["harbour", "North harbour"])
    store("blue", tags=["north harbour", "boats"])
    client = sign_in(alice)
    assert completed(client, " HARB") == [("North harbour", 2), ("harbour", 1)]
    assert completed(client, "harb", "sea, NORTH HARBOUR") == [("harbour", 1)]


@pytest.mark.parametrize("text", ["", " ", "arbour", ".*", "(", "\\", "\0", "x" * 500])
def test_what_begins_no_tag_completes_nothing(
    sign_in: SignIn, alice: User, harbour: Image, text: str
) -> None:
    assert completed(sign_in(alice), text) == []


def test_a_stranger_completes_no_tags_of_others(
    sign_in: SignIn, charlie: User, harbour: Image, client: Client
) -> None:
    assert completed(client, "harb") == completed(sign_in(charlie), "harb") == []

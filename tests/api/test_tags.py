"""/api/v1/tags/: what there are, and what people make of their own."""

from typing import Any

import pytest

from gallery.models import Image, Tag, User

ADDRESS = "/api/v1/tags/"


@pytest.fixture
def animals(store: Any, bob: User) -> list[Image]:
    """Alice's cat, which Bob may see, and her dog, which he may not."""
    cat = store("red", tags=["animal/cat"])
    cat.shared_with.add(bob)
    return [cat, store("blue", tags=["animal/dog"])]


def told(api: Any, user: User | None) -> list[tuple[str, int, bool]]:
    found = api(user).get(ADDRESS).json()["results"]
    return [(tag["name"], tag["count"], tag["own"]) for tag in found]


def test_each_sees_those_of_images_they_may_see(
    api: Any, alice: User, bob: User, charlie: User, animals: list[Image]
) -> None:
    assert told(api, alice) == [
        ("animal", 2, True),
        ("animal/cat", 1, True),
        ("animal/dog", 1, True),
    ]
    assert told(api, bob) == [("animal", 1, False), ("animal/cat", 1, False)]
    assert told(api, charlie) == told(api, None) == []


def test_a_tag_is_renamed_and_merged(api: Any, alice: User, animals: list[Image]) -> None:
    client = api(alice)
    change = {"name": "animal/dog"}
    refused = client.patch(f"{ADDRESS}?name=animal/cat", change, format="json")
    assert refused.status_code == 400
    assert "You can merge the two." in refused.json()["detail"]
    merge = {**change, "merge": True}
    assert client.patch(f"{ADDRESS}?name=animal/cat", merge, format="json").status_code == 204
    rename = {"name": "beast"}
    assert client.patch(f"{ADDRESS}?name=animal", rename, format="json").status_code == 204
    assert told(api, alice) == [("beast", 2, True), ("beast/dog", 2, True)]


def test_a_tag_is_deleted(api: Any, alice: User, animals: list[Image]) -> None:
    assert api(alice).delete(f"{ADDRESS}?name=animal").status_code == 204
    assert not Tag.objects.exists()
    assert Image.objects.count() == 2


def test_nobody_changes_another_s(api: Any, bob: User, charlie: User, animals: list[Image]) -> None:
    for user in (bob, charlie):
        client = api(user)
        assert client.delete(f"{ADDRESS}?name=animal/cat").status_code == 404
        change = {"name": "x"}
        assert client.patch(f"{ADDRESS}?name=animal/cat", change, format="json").status_code == 404
    assert api().delete(f"{ADDRESS}?name=animal/cat").status_code == 401
    assert Tag.objects.count() == 2

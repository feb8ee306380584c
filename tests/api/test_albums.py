"""/api/v1/albums/: what one may see of them, and what their owner changes."""

from typing import Any

import pytest

from gallery.models import Album, Image, User
from gallery.placing import GAP


@pytest.fixture
def address(in_album: list[Image]) -> str:
    return f"/api/v1/albums/{Album.objects.get().pk}/"


def titles() -> list[str]:
    return [item.image.title for item in Album.objects.get().items.select_related("image")]


def test_an_album_is_told(api: Any, bob: User, address: str, in_album: list[Image]) -> None:
    data = api(bob).get(address).json()
    del data["id"], data["created_at"]
    assert data == {
        "title": "Walls",
        "owner": "alice",
        "visibility": "private",
        "order": "hand",
        "cover": in_album[0].pk,
        "count": 3,
    }
    assert api(bob).get("/api/v1/albums/").json()["results"][0]["title"] == "Walls"


def test_a_stranger_finds_none(api: Any, charlie: User, address: str) -> None:
    for user in (charlie, None):
        assert api(user).get("/api/v1/albums/").json()["results"] == []
        assert api(user).get(address).status_code == 404
    assert api(charlie).patch(address, {"title": "X"}, format="json").status_code == 404
    move = {"images": [1]}
    assert api(charlie).post(f"{address}move/", move, format="json").status_code == 404


def test_only_its_owner_changes_it(
    api: Any, alice: User, bob: User, address: str, in_album: list[Image]
) -> None:
    change = {"title": "Bricks", "order": "title", "cover": in_album[1].pk, "visibility": "members"}
    assert api(bob).patch(address, change, format="json").status_code == 403
    data = api(alice).patch(address, change, format="json").json()
    assert {name: data[name] for name in change} == change
    data = api(alice).patch(address, {"cover": None}, format="json").json()
    assert data["cover"] == in_album[2].pk


def test_a_cover_is_one_of_its_images(api: Any, alice: User, address: str, store: Any) -> None:
    answer = api(alice).patch(address, {"cover": store("white").pk}, format="json")
    assert answer.status_code == 400
    assert "none of the album’s images" in answer.json()["detail"]


def test_a_title_that_is_taken_is_refused(api: Any, alice: User, address: str) -> None:
    Album.objects.create(owner=alice, title="Doors")
    assert api(alice).patch(address, {"title": "Doors"}, format="json").status_code == 400


def test_images_are_moved(
    api: Any, alice: User, bob: User, address: str, in_album: list[Image]
) -> None:
    red, _green, blue = (image.pk for image in in_album)
    move = {"images": [blue], "before": red}
    assert api(bob).post(f"{address}move/", move, format="json").status_code == 403
    assert api(alice).post(f"{address}move/", move, format="json").status_code == 204
    assert titles() == ["blue", "red", "green"]
    api(alice).post(f"{address}move/", {"images": [blue, red]}, format="json")
    assert titles() == ["green", "blue", "red"]
    assert Album.objects.get().items.last().position == 3 * GAP  # type: ignore[union-attr]


def test_why_nothing_is_moved(
    api: Any, alice: User, address: str, in_album: list[Image], store: Any
) -> None:
    client, pk = api(alice), in_album[0].pk
    for said, status in (
        ({"images": [pk], "before": 1, "behind": 2}, 400),
        ({"images": []}, 400),
        ({"images": [pk], "before": store("white").pk}, 409),
        ({"images": [pk], "before": pk}, 409),
    ):
        answer = client.post(f"{address}move/", said, format="json")
        assert answer.status_code == status, answer.json()
    Album.objects.update(order="title")
    assert client.post(f"{address}move/", {"images": [pk]}, format="json").status_code == 409

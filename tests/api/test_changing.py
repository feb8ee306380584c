"""PATCH and DELETE /api/v1/images/<id>/: for its owner alone."""

from typing import Any

import pytest

from gallery.models import Album, Image, Tag, User, Visibility


def url(image: Image) -> str:
    return f"/api/v1/images/{image.pk}/"


@pytest.fixture
def patch(api: Any, image: Image, alice: User) -> Any:
    def send(user: User | None = alice, **changes: Any) -> Any:
        return api(user).patch(url(image), changes, format="json")

    return send


def test_the_owner_changes_everything_at_once(patch: Any) -> None:
    answer = patch(title="Wall", album="Bricks", tags=["old", "red"], visibility="public")
    assert answer.status_code == 200
    shown = {key: answer.json()[key] for key in ("title", "album", "tags", "visibility")}
    assert shown == {
        "title": "Wall",
        "album": "Bricks",
        "tags": ["old", "red"],
        "visibility": "public",
    }


def test_the_owner_describes_it(patch: Any, image: Image) -> None:
    assert patch(description="By the harbour.").json()["description"] == "By the harbour."
    assert patch(title="Wall").json()["description"] == "By the harbour."
    assert patch(description="").json()["description"] == ""


def test_what_is_left_out_stays(patch: Any) -> None:
    patch(album="Bricks", tags=["old"])
    data = patch(title="Wall").json()
    assert (data["title"], data["album"], data["tags"]) == ("Wall", "Bricks", ["old"])


def test_another_album_takes_the_place_of_the_first(patch: Any, alice: User) -> None:
    patch(album="Bricks")
    assert patch(album="Walls").json()["album"] == "Walls"
    assert not Album.objects.get(owner=alice, title="Bricks").images.exists()


@pytest.mark.parametrize("none", [None, ""])
def test_an_image_leaves_its_album(patch: Any, none: str | None) -> None:
    patch(album="Bricks")
    assert patch(album=none).json()["album"] is None


def test_tags_are_taken_away(patch: Any) -> None:
    patch(tags=["old", "red"])
    assert patch(tags=[]).json()["tags"] == []


def test_tags_of_the_owner_are_used(patch: Any, alice: User, bob: User) -> None:
    Tag.objects.create(owner=bob, name="old")
    patch(tags="Old, red")
    assert sorted(Tag.objects.filter(owner=alice).values_list("name", flat=True)) == ["Old", "red"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 201),
        ("title", None),
        ("description", "x" * 10_001),
        ("description", None),
        ("album", "x" * 201),
        ("album", ["a"]),
        ("tags", ["x" * 101]),
        ("tags", [1, {}]),
        ("tags", {"a": 1}),
        ("visibility", "secret"),
        ("rating", 6),
        ("rating", -1),
    ],
)
def test_a_bad_value_changes_nothing(patch: Any, image: Image, field: str, value: Any) -> None:
    answer = patch(**{"title": "New", "tags": ["new"], field: value})
    image.refresh_from_db()
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert (image.title, image.tags.count()) == ("Red", 0)


def test_a_change_of_nothing_is_a_mistake(patch: Any) -> None:
    answer = patch(titel="Wall")
    assert answer.status_code == 400
    assert "title, description, album, tags, visibility, rating" in answer.json()["detail"]


def test_facts_are_not_changed(patch: Any, image: Image) -> None:
    assert patch(title="Wall", width=1, owner="bob").json()["width"] == 64


def test_broken_json_is_refused(api: Any, image: Image, alice: User) -> None:
    answer = api(alice).generic("PATCH", url(image), b"{", "application/json")
    assert answer.status_code == 400
    assert answer.json()["title"] == "Bad Request"


def test_json_without_bounds_is_refused(api: Any, image: Image, alice: User) -> None:
    answer = api(alice).generic("PATCH", url(image), b"[" * 4_000_000, "application/json")
    assert answer.status_code == 413


def test_deep_json_is_refused(api: Any, image: Image, alice: User) -> None:
    answer = api(alice).generic("PATCH", url(image), b"[" * 200_000, "application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["patch", "delete"])
@pytest.mark.parametrize(
    ("visibility", "person", "status"),
    [
        (Visibility.PRIVATE, "bob", 403),
        (Visibility.PRIVATE, "charlie", 404),
        (Visibility.PUBLIC, "charlie", 403),
        (Visibility.PUBLIC, None, 401),
        (Visibility.PRIVATE, None, 401),
    ],
)
def test_nobody_else_changes_it(
    request: Any, api: Any, image: Image, method: str, visibility: str, person: str, status: int
) -> None:
    Image.objects.update(visibility=visibility)
    user = request.getfixturevalue(person) if person else None
    answer = getattr(api(user), method)(url(image), {"title": "Mine"}, format="json")
    image.refresh_from_db()
    assert (answer.status_code, image.title) == (status, "Red")


def test_a_refusal_says_who_may(patch: Any, bob: User) -> None:
    assert "owner" in patch(bob, title="Mine").json()["detail"]


def test_a_deleted_image_is_in_the_trash_and_can_be_restored(
    api: Any, image: Image, alice: User
) -> None:
    answer = api(alice).delete(url(image))
    assert (answer.status_code, answer.content) == (204, b"")
    assert api(alice).get(url(image)).status_code == 404
    assert api(alice).delete(url(image)).status_code == 404
    restored = api(alice).post(f"{url(image)}restore/")
    assert (restored.status_code, restored.json()["title"]) == (200, "Red")
    assert api(alice).get(url(image)).status_code == 200
    assert api(alice).post(f"{url(image)}restore/").status_code == 404


@pytest.mark.parametrize(("person", "status"), [("bob", 404), ("charlie", 404), (None, 401)])
def test_nobody_else_restores_it(
    request: Any, api: Any, image: Image, person: str | None, status: int
) -> None:
    Image.objects.trash()
    user = request.getfixturevalue(person) if person else None
    assert api(user).post(f"{url(image)}restore/").status_code == status
    assert Image.objects.get().trashed_at


def test_an_image_is_not_replaced(api: Any, image: Image, alice: User) -> None:
    answer = api(alice).put(url(image), {"title": "Wall"}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)
    assert "PATCH" in answer.headers["Allow"]

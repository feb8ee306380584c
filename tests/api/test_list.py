"""GET /api/v1/images/: pages of what one may see, filtered."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from gallery.models import Image, User, Visibility

URL = "/api/v1/images/"
Store = Callable[..., Image]


def titles(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json()
    return [image["title"] for image in answer.json()["results"]]


@pytest.fixture
def three(store: Store, bob: User) -> list[Image]:
    return [
        store("red", title="Red", album="Warm", tags=["hot"]),
        store("orange", title="Orange", album="Warm", visibility=Visibility.PUBLIC),
        store("blue", owner=bob, title="Blue", tags=["cold"], visibility=Visibility.MEMBERS),
    ]


def test_the_newest_comes_first(api: Any, alice: User, three: list[Image]) -> None:
    assert titles(api(alice).get(URL)) == ["Blue", "Orange", "Red"]


def test_a_stranger_sees_what_is_for_members(api: Any, charlie: User, three: list[Image]) -> None:
    assert titles(api(charlie).get(URL)) == ["Blue", "Orange"]


def test_the_signed_out_see_what_is_public(api: Any, three: list[Image]) -> None:
    assert titles(api().get(URL)) == ["Orange"]


def test_next_leads_to_the_end(api: Any, alice: User, three: list[Image]) -> None:
    first = api(alice).get(URL, {"limit": 2})
    rest = api(alice).get(first.json()["next"])
    assert titles(first) + titles(rest) == ["Blue", "Orange", "Red"]
    assert rest.json()["next"] is None


def test_an_image_added_meanwhile_shifts_no_page(
    api: Any, alice: User, three: list[Image], store: Store
) -> None:
    following = api(alice).get(URL, {"limit": 1}).json()["next"]
    store("white", title="White")
    assert titles(api(alice).get(following)) == ["Orange"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"album": "Warm"}, ["Orange", "Red"]),
        ({"tag": "HOT"}, ["Red"]),
        ({"owner": "bob"}, ["Blue"]),
        ({"owner": "nobody"}, []),
        ({"album": "No such"}, []),
        ({"after": "2000-01-01"}, ["Blue", "Orange", "Red"]),
        ({"before": "2000-01-01T12:00:00+00:00"}, []),
        ({"album": "Warm", "tag": "cold"}, []),
    ],
)
def test_filters_narrow(
    api: Any, alice: User, three: list[Image], query: dict[str, str], expected: list[str]
) -> None:
    assert titles(api(alice).get(URL, query)) == expected


def test_a_filter_stays_on_the_next_page(api: Any, alice: User, three: list[Image]) -> None:
    following = api(alice).get(URL, {"album": "Warm", "limit": 1}).json()["next"]
    assert titles(api(alice).get(following)) == ["Red"]


def test_an_album_one_may_not_see_filters_to_nothing(
    api: Any, charlie: User, three: list[Image]
) -> None:
    assert titles(api(charlie).get(URL, {"album": "Warm"})) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("after", "yesterday"),
        ("before", "2024-13-01"),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "many"),
        ("limit", "9" * 5000),
        ("cursor", b64encode(b"p=red").decode()),
        ("album", "x\0"),
    ],
)
def test_a_bad_parameter_is_named(
    api: Any, alice: User, three: list[Image], field: str, value: str
) -> None:
    answer = api(alice).get(URL, {field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_cursor_below_every_image_is_the_end(api: Any, alice: User, three: list[Image]) -> None:
    assert titles(api(alice).get(URL, {"cursor": b64encode(b"p=0").decode()})) == []


def test_a_longer_page_needs_no_more_queries(
    api: Any, alice: User, three: list[Image], django_assert_num_queries: Any, embed: Any
) -> None:
    embed(*three)
    for limit in (1, 3):
        # Images, owners, renderings, tags, albums, favourites, embeddings, the active encoder.
        with django_assert_num_queries(9):
            api(alice).get(URL, {"limit": limit})

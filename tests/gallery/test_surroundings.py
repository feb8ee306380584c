"""From one picture to the next, in the list one came from."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User, Visibility
from gallery.rendering import render_next

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def four(store: Store, bob: User) -> list[Image]:
    """Three of Alice's, two of which are walls, and one of Bob's that only he sees."""
    return [
        store("red", title="Red", tags=["wall"], visibility=Visibility.MEMBERS),
        store("blue", title="Blue", owner=bob),
        store("green", title="Green", visibility=Visibility.MEMBERS),
        store("white", title="White", tags=["wall"]),
    ]


def beside(client: Client, image: Image, query: str = "") -> tuple[Image | None, Image | None]:
    found = client.get(f"/images/{image.pk}/{query}").context["surroundings"]
    return found.before, found.behind


def test_the_newer_comes_before_the_older_behind(
    sign_in: SignIn, alice: User, four: list[Image]
) -> None:
    red, _, green, white = four
    assert beside(sign_in(alice), green) == (white, red)
    assert beside(sign_in(alice), red) == (green, None)


def test_what_one_may_not_see_is_passed_by(
    sign_in: SignIn, charlie: User, four: list[Image]
) -> None:
    assert beside(sign_in(charlie), four[2]) == (None, four[0])


def test_the_address_says_in_which_list(sign_in: SignIn, alice: User, four: list[Image]) -> None:
    client = sign_in(alice)
    assert beside(client, four[3], "?tag=wall") == (None, four[0])
    assert f'href="/images/{four[3].pk}/?tag=wall"' in client.get("/?tag=wall").content.decode()
    page = client.get(f"/images/{four[3].pk}/?tag=wall").content.decode()
    assert f'href="/images/{four[0].pk}/?tag=wall"' in page


def test_it_need_not_be_in_the_list_any_more(
    sign_in: SignIn, alice: User, four: list[Image]
) -> None:
    assert beside(sign_in(alice), four[2], "?tag=wall") == (four[3], four[0])


def test_other_orders_are_followed(sign_in: SignIn, alice: User, four: list[Image]) -> None:
    red, _, green, white = four
    client = sign_in(alice)
    assert beside(client, green, "?sort=oldest") == (red, white)
    assert beside(client, red, "?sort=title") == (green, white)
    assert beside(client, white, "?q=wall") == (None, red)
    assert beside(client, green, "?q=wall") == (None, None)


def test_a_list_that_makes_no_sense_is_none(
    sign_in: SignIn, alice: User, four: list[Image]
) -> None:
    page = sign_in(alice).get(f"/images/{four[2].pk}/?after=yesterday")
    assert page.status_code == 200
    assert page.context["surroundings"] is None


def test_editing_leads_back_into_the_list(sign_in: SignIn, alice: User, four: list[Image]) -> None:
    client = sign_in(alice)
    address = f"/images/{four[0].pk}/edit/?tag=wall"
    assert f'action="{address}"' in client.get(address).content.decode()
    form = {"title": "Brick", "visibility": "private", "tags": "wall"}
    assert client.post(address, form).headers["Location"] == f"/images/{four[0].pk}/?tag=wall"


def test_the_number_of_queries_is_the_same_in_a_long_list(
    sign_in: SignIn, alice: User, four: list[Image], django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    # Session, user, image, whether it is a favourite, its place, the one before and behind, whether
    # it may be changed, albums, tags, people it is shared with, links, the same bytes elsewhere.
    with django_assert_num_queries(13):
        client.get(f"/images/{four[2].pk}/")


def test_a_size_is_downloaded_under_its_title(sign_in: SignIn, alice: User, image: Image) -> None:
    render_next()
    response = sign_in(alice).get(f"/images/{image.pk}/preview.jpg?download=1")
    assert response.headers["Content-Disposition"] == 'attachment; filename="Red.jpg"'
    assert response.getvalue().startswith(b"\xff\xd8")

"""Albums and tags, each with a count of what this person may see."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from gallery.models import Album, Image, User
from gallery.rendering import render_next

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def album(store: Store, bob: User) -> Album:
    """Alice's, shared with Bob, with two of her images and the words on them."""
    store("red", album="Walls", tags=["brick"])
    store("blue", album="Walls", tags=["Brick", "paint"])
    album = Album.objects.get()
    album.shared_with.add(bob)
    return album


def albums_of(client: Client) -> list[tuple[str, int]]:
    cards = client.get("/albums/").context["cards"]
    return [(album.title, album.count) for album, _ in cards]


def tags_of(client: Client) -> dict[str, int]:
    tags = client.get("/tags/").context["tags"]
    return {tag.name.lower(): tag.count for tag in tags}


def test_the_owner_sees_them(sign_in: SignIn, alice: User, album: Album) -> None:
    client = sign_in(alice)
    assert albums_of(client) == [("Walls", 2)]
    assert tags_of(client) == {"brick": 2, "paint": 1}


def test_somebody_given_access_sees_them(sign_in: SignIn, bob: User, album: Album) -> None:
    client = sign_in(bob)
    assert albums_of(client) == [("Walls", 2)]
    assert tags_of(client) == {"brick": 2, "paint": 1}


def test_a_stranger_sees_none(sign_in: SignIn, charlie: User, album: Album) -> None:
    client = sign_in(charlie)
    assert albums_of(client) == []
    assert tags_of(client) == {}


def test_signed_out_people_see_none(client: Client, album: Album) -> None:
    assert albums_of(client) == []
    assert tags_of(client) == {}


def test_counts_are_of_what_one_may_see(sign_in: SignIn, charlie: User, album: Album) -> None:
    Album.objects.update(visibility="members")
    Image.objects.filter(pk=album.images.all()[0].pk).update(visibility="members")
    assert albums_of(sign_in(charlie)) == [("Walls", 1)]


def test_a_cover_is_one_that_may_be_seen(sign_in: SignIn, charlie: User, album: Album) -> None:
    while render_next():
        pass
    Album.objects.update(visibility="public")
    client = sign_in(charlie)
    assert "thumbnail.jpg" not in client.get("/albums/").content.decode()
    second = album.items.last()
    assert second
    Image.objects.filter(pk=second.image_id).update(visibility="public")
    assert f"/images/{second.image_id}/thumbnail.jpg" in client.get("/albums/").content.decode()


def test_no_browser_shows_the_old_cover_of_a_replaced_file(
    sign_in: SignIn, alice: User, album: Album
) -> None:
    while render_next():
        pass
    cover = album.images.all()[0]
    Image.objects.filter(pk=cover.pk).update(replaced_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert f"/images/{cover.pk}/thumbnail.jpg?v=1767312000" in sign_in(alice).get("/albums/").text


def test_they_lead_to_the_grid(sign_in: SignIn, alice: User, album: Album) -> None:
    client = sign_in(alice)
    assert f'href="/?album={album.pk}"' in client.get("/albums/").content.decode()
    assert 'href="/?tag=paint"' in client.get("/tags/").content.decode()


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn, alice: User, store: Store, django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    for level in range(5):
        store((level, 0, 0), album=f"Album {level}", tags=[f"tag {level}"])
    # Session, user, albums and smart ones, of which there is none.
    with django_assert_num_queries(4):
        client.get("/albums/")
    # Session, user, list.
    with django_assert_num_queries(3):
        client.get("/tags/")

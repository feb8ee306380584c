"""What the owner of an image may change about it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Album, Image, User

SignIn = Callable[[User], Client]
CHANGES = {
    "title": "A wall",
    "description": "By the harbour.\r\nSee https://example.org/wall",
    "visibility": "members",
    "album": "Holidays",
    "tags": "brick, wall,Brick",
    "shared_with": "charlie",
}


def send(client: Client, image: Image, **changes: str) -> Any:
    return client.post(f"/images/{image.pk}/edit/", {**CHANGES, **changes})


def test_the_owner_changes_all_of_it(
    sign_in: SignIn, alice: User, charlie: User, image: Image
) -> None:
    response = send(sign_in(alice), image)
    assert response.url == f"/images/{image.pk}/"
    image.refresh_from_db()
    assert (image.title, image.visibility) == ("A wall", "members")
    assert image.description == "By the harbour.\r\nSee https://example.org/wall"
    assert [album.title for album in image.albums.all()] == ["Holidays"]
    assert sorted(tag.name.lower() for tag in image.tags.all()) == ["brick", "wall"]
    assert list(image.shared_with.all()) == [charlie]


def test_the_form_shows_what_is_set(sign_in: SignIn, alice: User, image: Image) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/edit/").content.decode()
    assert 'value="Red"' in page
    assert 'value="bob"' in page


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_given_access_may_not(
    sign_in: SignIn, bob: User, image: Image, method: str
) -> None:
    response = getattr(sign_in(bob), method)(f"/images/{image.pk}/edit/", CHANGES)
    assert response.status_code == 404
    image.refresh_from_db()
    assert image.title == "Red"


def test_a_stranger_gets_404(sign_in: SignIn, charlie: User, image: Image) -> None:
    assert send(sign_in(charlie), image).status_code == 404


def test_signed_out_people_are_asked_to_sign_in(client: Client, image: Image) -> None:
    assert send(client, image).url == f"/sign-in/?next=/images/{image.pk}/edit/"


def test_a_name_nobody_has_is_told_and_nothing_is_saved(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    page = send(sign_in(alice), image, shared_with="bob, zoe").content.decode()
    assert "Nobody here is called zoe." in page
    assert 'value="A wall"' in page
    image.refresh_from_db()
    assert image.title == "Red"
    assert not image.tags.exists()


def test_a_tag_that_is_too_long_is_told(sign_in: SignIn, alice: User, image: Image) -> None:
    page = send(sign_in(alice), image, tags="x" * 101, shared_with="").content.decode()
    assert "A tag has at most 100 characters." in page


def test_albums_that_were_not_touched_stay(
    sign_in: SignIn, alice: User, store: Callable[..., Image]
) -> None:
    store("red", album="Holidays")
    image = store("red", album="Walls")
    send(sign_in(alice), image, album="Holidays, Walls", shared_with="")
    assert image.albums.count() == 2
    assert Album.objects.count() == 2


def test_no_album_takes_it_out(sign_in: SignIn, alice: User, store: Callable[..., Image]) -> None:
    image = store("red", album="Holidays")
    send(sign_in(alice), image, album="", shared_with="")
    assert not image.albums.exists()

"""Sharing what is one's own, and taking it back."""

from collections.abc import Callable

import pytest
from django.test import Client

from gallery.models import Album, Image, ShareLink, User

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def album(store: Store) -> Album:
    return store("red", title="Red", album="Walls").albums.get()


@pytest.mark.parametrize("kind", ["images", "albums"])
def test_only_its_owner_shares_it(
    sign_in: SignIn, album: Album, bob: User, charlie: User, kind: str
) -> None:
    target = album if kind == "albums" else album.images.get()
    target.shared_with.add(bob)
    for user in (bob, charlie):
        client = sign_in(user)
        assert client.get(f"/{kind}/{target.pk}/share/").status_code == 404
        for action, said in {"with": {"people": "charlie"}, "link": {"days": "7"}}.items():
            address = f"/{kind}/{target.pk}/share/{action}/"
            assert client.post(address, said).status_code == 404
    assert not ShareLink.objects.exists()


def test_an_album_is_shared_with_a_person(
    sign_in: SignIn, alice: User, bob: User, album: Album
) -> None:
    client = sign_in(alice)
    client.post(f"/albums/{album.pk}/share/with/", {"people": "bob"})
    assert Image.objects.visible_to(bob).count() == 1
    assert "bob" in client.get(f"/albums/{album.pk}/share/").text
    client.post(f"/albums/{album.pk}/share/{bob.pk}/end/")
    assert not Image.objects.visible_to(bob).exists()


def test_a_name_nobody_has_is_told(sign_in: SignIn, alice: User, album: Album) -> None:
    page = sign_in(alice).post(f"/albums/{album.pk}/share/with/", {"people": "bbo"})
    assert "Nobody here is called bbo." in page.text


def test_a_link_is_made_shown_again_and_revoked(sign_in: SignIn, alice: User, album: Album) -> None:
    client = sign_in(alice)
    client.post(f"/albums/{album.pk}/share/link/", {"days": "7", "password": "open"})
    link = ShareLink.objects.get()
    page = client.get(f"/albums/{album.pk}/share/").text
    assert f"http://testserver{link.address}" in page
    assert "with a password" in page
    assert "Walls" in client.get("/account/").text
    client.post(f"/links/{link.pk}/revoke/")
    assert not ShareLink.objects.exists()


def test_nobody_revokes_the_links_of_others(sign_in: SignIn, bob: User, album: Album) -> None:
    link = ShareLink.issue(album, days=7)
    assert sign_in(bob).post(f"/links/{link.pk}/revoke/").status_code == 404
    assert "Walls" not in sign_in(bob).get("/account/").text


def test_a_link_can_not_be_shown_under_another_secret_key(
    sign_in: SignIn, alice: User, album: Album, settings: object
) -> None:
    address = ShareLink.issue(album, days=7).address
    ShareLink.objects.update(seed="another")
    page = sign_in(alice).get(f"/albums/{album.pk}/share/").text
    assert "can’t be shown any more" in page
    assert Client().get(address).status_code == 200


def test_the_ways_to_share_are_where_the_thing_is(
    sign_in: SignIn, alice: User, charlie: User, album: Album
) -> None:
    image = album.images.get()
    Image.objects.update(visibility="members")
    Album.objects.update(visibility="members")
    ways = {f"/images/{image.pk}/": "images", f"/?album={album.pk}": "albums"}
    for address, kind in ways.items():
        assert f"/{kind}/" in sign_in(alice).get(address).text
        assert "/share/" in sign_in(alice).get(address).text
        assert "/share/" not in sign_in(charlie).get(address).text

"""What a link opens, to whom, and nothing beside it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gallery.ingest import Labels, store_image
from gallery.models import Album, Image, ShareLink, User
from gallery.rendering import render_next
from tests.conftest import Picture
from tests.gallery.test_discretion import PLACE, photo

SignIn = Callable[[User], Client]
Store = Callable[..., Image]
FILES = ["", "thumbnail.jpg", "preview.jpg", "file/"]


@pytest.fixture
def album(store: Store) -> Album:
    """Alice's, with two pictures in it and one beside it."""
    for color, title in {"red": "Red", "blue": "Blue"}.items():
        store(color, title=title, album="Walls")
    store("green", title="Green")
    while render_next():
        pass
    return Album.objects.get()


@pytest.fixture
def link(album: Album) -> ShareLink:
    return ShareLink.issue(album, days=7)


def status(client: Client, address: str) -> int:
    answer: Any = client.get(address)
    if answer.streaming:
        answer.getvalue()
    return int(answer.status_code)


def statuses(client: Client, link: ShareLink, image: Image) -> list[int]:
    """Of the page and each file of the image, by the link."""
    return [status(client, f"{link.address}{image.pk}/{name}") for name in FILES]


def titled(title: str) -> Image:
    return Image.objects.get(title=title)


def test_an_album_is_opened_with_its_pictures(client: Client, link: ShareLink) -> None:
    page = client.get(link.address)
    assert 'alt="Red"' in page.text
    assert 'alt="Blue"' in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert statuses(client, link, titled("Red")) == [200] * 4


def test_nothing_beside_it_is_opened(client: Client, link: ShareLink) -> None:
    assert "Green" not in client.get(link.address).text
    assert statuses(client, link, titled("Green")) == [404] * 4
    red = titled("Red").pk
    for address in (f"/images/{red}/", f"/images/{red}/similar/", f"/api/v1/images/{red}/"):
        assert client.get(address).status_code == 404


def test_a_link_tells_of_no_ways_into_the_gallery(client: Client, link: ShareLink) -> None:
    pages = client.get(link.address).text + client.get(f"{link.address}{titled('Red').pk}/").text
    for word in ("similar", "/albums/", "/tags/", "alice", "/images/"):
        assert word not in pages


def test_a_picture_is_opened_alone(client: Client, album: Album) -> None:
    link = ShareLink.issue(titled("Red"), days=7)
    page = client.get(link.address).text
    assert 'alt="Red"' in page
    assert "Next" not in page
    assert "Walls" not in page
    assert statuses(client, link, titled("Blue")) == [404] * 4


def test_pictures_follow_one_another_in_the_album(client: Client, link: ShareLink) -> None:
    first = client.get(f"{link.address}{titled('Red').pk}/").text
    assert f'href="{link.address}{titled("Blue").pk}/" rel="next"' in first
    assert 'rel="prev"' not in first


@pytest.mark.parametrize(
    "end",
    [
        lambda: ShareLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        lambda: ShareLink.objects.all().delete(),
        lambda: User.objects.update(is_active=False),
        lambda: Album.objects.all().delete(),
    ],
)
def test_a_link_ends(client: Client, link: ShareLink, end: Callable[[], Any]) -> None:
    end()
    assert status(client, link.address) == 404
    assert statuses(client, link, titled("Red")) == [404] * 4


def test_what_is_in_the_trash_is_not_opened(client: Client, link: ShareLink) -> None:
    Image.objects.filter(title="Red").trash()
    assert 'alt="Red"' not in client.get(link.address).text
    assert statuses(client, link, titled("Red")) == [404] * 4


def test_another_s_picture_in_the_album_is_not_opened(
    client: Client, link: ShareLink, bob: User, picture: Picture
) -> None:
    image, _ = store_image(bob, picture("white"), Labels(title="White", visibility="public"))
    link.album.items.create(image=image)  # type: ignore[union-attr] # it is of an album
    assert "White" not in client.get(link.address).text


def test_a_made_up_token_opens_nothing(client: Client, link: ShareLink) -> None:
    assert status(client, f"/s/{'0' * 64}/") == 404
    assert status(client, f"/s/{link.digest}/") == 404
    assert status(client, f"/s/{link.seed}/") == 404


def test_a_password_opens_it_for_this_visitor(client: Client, album: Album) -> None:
    link = ShareLink.issue(album, days=7, password="open sesame")
    red = titled("Red")
    assert "Red" not in client.get(link.address).text
    assert statuses(client, link, red) == [404] * 4
    wrong = client.post(link.address, {"password": "sesame"})
    assert (wrong.status_code, "This is not the password." in wrong.text) == (403, True)
    client.post(link.address, {"password": "open sesame"})
    assert statuses(client, link, red) == [200] * 4
    assert statuses(Client(), link, red) == [404] * 4


def test_one_password_opens_one_link(client: Client, album: Album) -> None:
    first, second = (ShareLink.issue(album, days=7, password="the same") for _ in range(2))
    client.post(first.address, {"password": "the same"})
    assert 'alt="Red"' not in client.get(second.address).text


def test_a_password_can_not_be_guessed_for_long(client: Client, album: Album) -> None:
    link = ShareLink.issue(album, days=7, password="open sesame")
    for _ in range(10):
        client.post(link.address, {"password": "x"})
    page = client.post(link.address, {"password": "open sesame"})
    assert "Too many attempts." in page.text
    assert 'alt="Red"' not in client.get(link.address).text


def test_neither_token_nor_password_is_stored(album: Album) -> None:
    link = ShareLink.issue(album, days=7, password="open sesame")
    stored = str(ShareLink.objects.values().get())
    assert link.token not in stored
    assert "sesame" not in stored


def test_no_place_is_told(client: Client, alice: User, sign_in: SignIn) -> None:
    data = photo()
    image, _ = store_image(alice, SimpleUploadedFile("photo.jpg", data))
    render_next()
    link = ShareLink.issue(image, days=7)
    told = [client.get(f"{link.address}{image.pk}/{name}") for name in FILES]
    bodies = [one.getvalue() if one.streaming else one.content for one in told]
    assert not any(PLACE in body or b"GPS" in body for body in bodies)
    assert told[3].headers["Content-Length"] == str(len(bodies[3]))
    assert sign_in(alice).get(f"/images/{image.pk}/file/").getvalue() == data


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_what_is_no_jpeg_is_sent_as_its_preview(
    client: Client, alice: User, picture: Picture, kind: str
) -> None:
    image, _ = store_image(alice, picture("red", format=kind), Labels(title="Red"))
    render_next()
    answer: Any = client.get(f"{ShareLink.issue(image, days=7).address}{image.pk}/file/")
    assert answer.getvalue().startswith(b"\xff\xd8")
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Red.jpg"'

"""An album's settings, its cover, and what is said of it above its pictures."""

from collections.abc import Callable

import pytest
from django.test import Client

from gallery.models import Album, Image, ShareLink, SmartAlbum, User

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def album(in_album: list[Image]) -> Album:
    return Album.objects.get()


def cover(user: User) -> int | None:
    card = Album.objects.visible_to(user).for_cards(user).get()
    return getattr(card, "cover", None)


def choose(client: Client, album: Album, image: Image) -> int:
    return client.post(f"/albums/{album.pk}/cover/", {"image": image.pk}).status_code


def settings_of(album: Album, **changes: str | int) -> dict[str, str | int]:
    said = {"title": album.title, "visibility": album.visibility, "order": album.order}
    return {**said, "chosen_cover": "", **changes}


def test_without_a_chosen_cover_it_is_the_first(
    album: Album, in_album: list[Image], alice: User
) -> None:
    assert cover(alice) == in_album[0].pk
    Album.objects.update(order="uploaded")
    assert cover(alice) == in_album[2].pk
    Album.objects.update(order="title")
    assert cover(alice) == in_album[2].pk


def test_its_owner_chooses_the_cover_on_a_picture_s_page(
    sign_in: SignIn, alice: User, bob: User, album: Album, in_album: list[Image]
) -> None:
    client = sign_in(alice)
    page = client.get(f"/images/{in_album[1].pk}/?album={album.pk}").text
    assert f'action="/albums/{album.pk}/cover/"' in page
    assert "Use as cover" not in client.get(f"/images/{in_album[1].pk}/").text
    assert choose(client, album, in_album[1]) == 302
    assert cover(alice) == cover(bob) == in_album[1].pk
    assert "Use as cover" not in client.get(f"/images/{in_album[1].pk}/?album={album.pk}").text


def test_nobody_else_chooses_it(
    sign_in: SignIn, bob: User, charlie: User, album: Album, in_album: list[Image]
) -> None:
    for user in (bob, charlie):
        client = sign_in(user)
        assert choose(client, album, in_album[1]) == 404
        assert client.get(f"/albums/{album.pk}/settings/").status_code == 404
        assert client.post(f"/albums/{album.pk}/settings/", {"title": "X"}).status_code == 404
    page = sign_in(bob).get(f"/images/{in_album[1].pk}/?album={album.pk}").text
    assert "Use as cover" not in page


def test_only_what_is_in_the_album_is_its_cover(
    sign_in: SignIn, alice: User, album: Album, store: Store
) -> None:
    other = store("white")
    client = sign_in(alice)
    assert choose(client, album, other) == 404
    said = settings_of(album, chosen_cover=other.pk)
    assert client.post(f"/albums/{album.pk}/settings/", said).status_code == 200


@pytest.mark.parametrize("way", ["out", "trash", "delete"])
def test_when_the_chosen_one_leaves_it_is_the_first_again(
    sign_in: SignIn, alice: User, album: Album, in_album: list[Image], way: str
) -> None:
    choose(sign_in(alice), album, in_album[1])
    if way == "out":
        album.items.filter(image=in_album[1]).delete()
    elif way == "trash":
        Image.objects.filter(pk=in_album[1].pk).trash()
    else:
        in_album[1].delete()
    assert cover(alice) == in_album[0].pk


def test_a_chosen_cover_is_shown_only_to_those_who_may_see_it(
    sign_in: SignIn, alice: User, charlie: User, album: Album, in_album: list[Image]
) -> None:
    choose(sign_in(alice), album, in_album[1])
    Album.objects.update(visibility="members")
    assert cover(charlie) is None
    Image.objects.filter(pk=in_album[2].pk).update(visibility="members")
    assert cover(charlie) == in_album[2].pk


def test_the_settings_are_saved(
    sign_in: SignIn, alice: User, album: Album, in_album: list[Image]
) -> None:
    client = sign_in(alice)
    page = client.get(f"/albums/{album.pk}/settings/").text
    assert page.count('name="chosen_cover"') == 4
    said = {"title": "Bricks", "visibility": "members", "order": "oldest"}
    answer = client.post(f"/albums/{album.pk}/settings/", {**said, "chosen_cover": in_album[2].pk})
    assert answer.headers["Location"] == f"/?album={album.pk}"
    album.refresh_from_db()
    saved = (album.title, album.visibility, album.order, album.chosen_cover)
    assert saved == ("Bricks", "members", "oldest", in_album[2])


def test_a_title_that_is_taken_is_refused(sign_in: SignIn, alice: User, album: Album) -> None:
    Album.objects.create(owner=alice, title="Doors")
    client = sign_in(alice)
    page = client.post(f"/albums/{album.pk}/settings/", settings_of(album, title="Doors"))
    assert "You have another album of this title." in page.text


def test_its_owner_reads_who_sees_it(
    sign_in: SignIn, alice: User, bob: User, album: Album, in_album: list[Image]
) -> None:
    ShareLink.issue(album, days=7)
    page = sign_in(alice).get(f"/?album={album.pk}").text
    for text in ("3 pictures", "visible to: only me", "shared with bob", "1 open link", "by hand"):
        assert text in page
    page = sign_in(bob).get(f"/?album={album.pk}").text
    assert "3 pictures" in page
    assert "by alice" in page
    assert "open link" not in page
    assert "/settings/" not in page


def test_an_empty_album_says_what_to_do(sign_in: SignIn, alice: User, bob: User) -> None:
    album = Album.objects.create(owner=alice, title="Empty", visibility="members")
    smart = SmartAlbum.objects.create(owner=alice, title="None", filters={"tag": "none"})
    client = sign_in(alice)
    assert "Nothing in this album yet" in client.get(f"/?album={album.pk}").text
    assert "Change the filter" in client.get(f"/?smart={smart.pk}").text
    assert "Nothing in this album for you" in sign_in(bob).get(f"/?album={album.pk}").text


def test_a_stranger_reads_nothing_of_it(sign_in: SignIn, charlie: User, album: Album) -> None:
    page = sign_in(charlie).get(f"/?album={album.pk}").text
    assert "Walls" not in page

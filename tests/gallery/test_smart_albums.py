"""Smart albums: a filter under a title, which shows everybody no more than they may see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from gallery.favourites import set_favourite
from gallery.grid_form import GridForm
from gallery.models import BulkChange, Image, SmartAlbum, User
from gallery.models.images import Person
from gallery.rendering import render_next
from gallery.smart_albums import smart_cards

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def walls(store: Store, bob: User) -> list[Image]:
    """Alice's private, shared and public wall, Bob's own private one, and a picture of no wall."""
    private = store("red", title="private", tags=["wall"])
    shared = store("green", title="shared", tags=["wall"])
    shared.shared_with.add(bob)
    public = store("blue", title="public", tags=["wall"], visibility="public")
    of_bob = store("white", owner=bob, title="of bob", tags=["wall"])
    store("black", title="door", tags=["door"], visibility="public")
    while render_next():
        pass
    return [private, shared, public, of_bob]


@pytest.fixture
def smart(alice: User, walls: list[Image]) -> SmartAlbum:
    return SmartAlbum.objects.create(owner=alice, title="Walls", filters={"tag": "wall"})


def shown(client: Client, smart: SmartAlbum, query: str = "") -> set[str]:
    return {image.title for image in client.get(f"/?smart={smart.pk}{query}").context["images"]}


def card(user: Person) -> tuple[int, int | None]:
    [album] = smart_cards(user)
    return album.count, album.cover


def test_all_that_can_be_kept_is_asked_for(sign_in: SignIn, smart: SmartAlbum, alice: User) -> None:
    """What the page leaves out would be lost by saving it."""
    text = sign_in(alice).get(f"/albums/smart/{smart.pk}/settings/").text
    for name in set(GridForm.as_chips) - {"smart"}:
        assert f'name="{name}"' in text, name


def test_a_filter_is_saved_as_an_album(sign_in: SignIn, alice: User, walls: list[Image]) -> None:
    client = sign_in(alice)
    query = "?q=wall&tag=wall&sort=title"
    assert f"/albums/smart/{query}" in client.get(f"/{query}").text.replace("&amp;", "&")
    text = client.get(f"/albums/smart/{query}").text
    assert '<input type="text" name="tag" value="wall"' in text
    said = {"album-title": "Walls", "album-visibility": "private", "tag": "wall", "sort": "title"}
    answer = client.post("/albums/smart/", said)
    smart = SmartAlbum.objects.get()
    assert answer.headers["Location"] == f"/?smart={smart.pk}"
    assert smart.filters == {"tag": "wall", "sort": "title"}
    page = client.get(f"/?smart={smart.pk}")
    titles = [image.title for image in page.context["images"]]
    assert titles == ["private", "public", "shared"]
    assert "3 pictures" in page.text
    assert "Save as album" not in page.text


@pytest.mark.parametrize("query", ["", "?sort=title", "?album=1", "?rating="])
def test_what_is_no_filter_is_not_offered_as_an_album(
    sign_in: SignIn, alice: User, query: str
) -> None:
    client = sign_in(alice)
    assert "Save as album" not in client.get(f"/{query}").text
    said = {"album-title": "All", "album-visibility": "private"}
    page = client.post("/albums/smart/", said)
    assert "choose a filter" in page.text
    assert not SmartAlbum.objects.exists()


def test_everybody_sees_what_the_filter_finds_for_them_and_its_owner_may_see(
    sign_in: SignIn, alice: User, bob: User, charlie: User, client: Client, smart: SmartAlbum
) -> None:
    assert shown(sign_in(alice), smart) == {"private", "shared", "public"}
    smart.shared_with.add(bob)
    # Not the private one; and not Bob's own, which Alice may not see.
    assert shown(sign_in(bob), smart) == {"shared", "public"}
    assert shown(sign_in(charlie), smart) == set()
    SmartAlbum.objects.update(visibility="public")
    assert shown(sign_in(charlie), smart) == {"public"}
    client.logout()
    assert shown(client, smart) == {"public"}


def test_sharing_it_shares_no_picture(bob: User, smart: SmartAlbum) -> None:
    before = set(Image.objects.visible_to(bob))
    smart.shared_with.add(bob)
    SmartAlbum.objects.update(visibility="public")
    assert set(Image.objects.visible_to(bob)) == before


def test_favourites_are_those_of_whoever_looks(
    sign_in: SignIn, alice: User, bob: User, smart: SmartAlbum, walls: list[Image]
) -> None:
    SmartAlbum.objects.update(filters={"favourites": "on"}, visibility="members")
    set_favourite(alice, walls[1], True)
    set_favourite(bob, walls[2], True)
    assert shown(sign_in(bob), smart) == {"public"}
    assert shown(sign_in(alice), smart) == {"shared"}


def test_an_album_in_the_filter_is_one_that_the_viewer_may_see(
    sign_in: SignIn, alice: User, charlie: User, smart: SmartAlbum, store: Store
) -> None:
    image = store("#123456", title="in it", album="Secret", visibility="public")
    filters = {"album": str(image.albums.get().pk), "orientation": "landscape"}
    SmartAlbum.objects.update(filters=filters, visibility="members")
    assert shown(sign_in(alice), smart) == {"in it"}
    page = sign_in(charlie).get(f"/?smart={smart.pk}")
    assert list(page.context["images"]) == []
    assert "Secret" not in page.text


def test_cards_count_and_cover_what_one_may_see(
    alice: User, bob: User, charlie: User, smart: SmartAlbum, walls: list[Image]
) -> None:
    _private, shared, public, _of_bob = walls
    assert card(alice) == (3, public.pk)
    assert smart_cards(bob) == []
    SmartAlbum.objects.update(visibility="public", filters={"q": "wall", "sort": "oldest"})
    assert card(bob) == (2, shared.pk)
    assert card(charlie) == card(AnonymousUser()) == (1, public.pk)
    SmartAlbum.objects.update(filters={"tag": "nothing"})
    assert card(alice) == (0, None)
    SmartAlbum.objects.update(filters={"rating": "many"})
    assert card(alice) == (0, None)


def test_it_stands_among_the_albums_with_a_mark(
    sign_in: SignIn, alice: User, charlie: User, smart: SmartAlbum, store: Store
) -> None:
    store("#123456", album="Zebras")
    store("#123457", album="ants")
    page = sign_in(alice).get("/albums/")
    titles = [album.title for album, _ in page.context["cards"]]
    assert titles == ["ants", "Walls", "Zebras"]
    assert page.text.count('class="mark"') == 1
    assert "Walls" not in sign_in(charlie).get("/albums/").text


def test_it_is_looked_at_further(
    sign_in: SignIn, alice: User, smart: SmartAlbum, walls: list[Image]
) -> None:
    client = sign_in(alice)
    assert shown(client, smart, "&visibility=public") == {"public"}
    page = client.get(f"{walls[1].get_absolute_url()}?smart={smart.pk}")
    assert page.context["surroundings"].before == walls[2]
    assert page.context["surroundings"].behind == walls[0]
    rate = {"action": "rate", "rating": "4", "all": "1", "list": f"smart={smart.pk}"}
    client.post("/bulk/", rate)
    assert Image.objects.filter(rating=4).count() == 3


def test_an_album_by_hand_in_the_filter_gives_the_order(
    sign_in: SignIn, alice: User, store: Store, smart: SmartAlbum
) -> None:
    for title in "ab":
        store(f"#12345{title}", title=title, album="Two", tags=["wall"])
    SmartAlbum.objects.update(filters={"album": "Two", "tag": "wall"})
    client = sign_in(alice)
    page = client.get(f"/?smart={smart.pk}")
    assert [image.title for image in page.context["images"]] == ["a", "b"]
    assert "data-moves" not in page.text
    assert client.get("/albums/").status_code == 200


def test_its_owner_changes_it(sign_in: SignIn, alice: User, bob: User, smart: SmartAlbum) -> None:
    client, address = sign_in(alice), f"/albums/smart/{smart.pk}/settings/"
    assert '<input type="text" name="tag" value="wall"' in client.get(address).text
    said = {"album-title": "Doors", "album-visibility": "members", "album-shared_with": "bob"}
    client.post(address, {**said, "tag": "door", "visibility": "public"})
    smart.refresh_from_db()
    assert (smart.title, smart.visibility) == ("Doors", "members")
    assert smart.filters == {"tag": "door", "visibility": "public"}
    assert list(smart.shared_with.all()) == [bob]
    assert "shared with bob" in client.get(f"/?smart={smart.pk}").text


def test_a_title_that_is_taken_is_refused(sign_in: SignIn, alice: User, smart: SmartAlbum) -> None:
    said = {"album-title": "Walls", "album-visibility": "private", "tag": "wall", "rating": "9"}
    page = sign_in(alice).post("/albums/smart/", said).text
    assert "You have another smart album of this title." in page
    assert "A filter is not understood." in page


def test_it_is_deleted_and_that_undone(
    sign_in: SignIn, alice: User, bob: User, smart: SmartAlbum
) -> None:
    smart.shared_with.add(bob)
    client = sign_in(alice)
    page = client.post(f"/albums/smart/{smart.pk}/delete/", follow=True)
    assert "its pictures stay" in page.text
    assert not SmartAlbum.objects.exists()
    client.post(f"/undo/{BulkChange.objects.get().pk}/")
    back = SmartAlbum.objects.get()
    assert (back.title, back.filters) == ("Walls", {"tag": "wall"})
    assert list(back.shared_with.all()) == [bob]


def test_nobody_else_changes_it(
    sign_in: SignIn, bob: User, charlie: User, smart: SmartAlbum
) -> None:
    smart.shared_with.add(bob)
    for user in (bob, charlie):
        client = sign_in(user)
        for name in ("settings", "delete"):
            answer = client.post(f"/albums/smart/{smart.pk}/{name}/", {"album-title": "X"})
            assert answer.status_code == 404
        assert client.get(f"/albums/smart/{smart.pk}/settings/").status_code == 404
        assert "Filter and settings" not in client.get(f"/?smart={smart.pk}").text


@pytest.mark.parametrize("number", ["0", "x", "9" * 30])
def test_what_is_no_smart_album_shows_nothing(
    sign_in: SignIn, alice: User, image: Image, number: str
) -> None:
    assert not sign_in(alice).get(f"/?smart={number}").context.get("images")


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn, alice: User, image: Image, django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    for at in range(5):
        filters = {"album": "Walls", "q": "red", "owner": "alice", "sort": "title"}
        SmartAlbum.objects.create(owner=alice, title=str(at), filters=filters)
    # Session, user, albums, smart albums, their counts and their covers.
    with django_assert_num_queries(6):
        client.get("/albums/")

"""Where images stand in an album that is ordered by hand: the rows that are written, the pages."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client

from gallery.models import Album, AlbumItem, BulkChange, Image, ShareLink, User
from gallery.placing import GAP, GoneNeighbour, Spot, move, spread
from gallery.views import grid

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def five(store: Store) -> list[Image]:
    return [store((level * 40, 0, 0), title="abcde"[level], album="Walls") for level in range(5)]


@pytest.fixture
def album(five: list[Image]) -> Album:
    return Album.objects.get()


def order(album: Album) -> str:
    return "".join(item.image.title for item in album.items.select_related("image"))


def send(client: Client, album: Album, *images: Image, **said: Any) -> Any:
    pks = ",".join(str(image.pk) for image in images)
    return client.post(f"/albums/{album.pk}/move/", {"pks": pks, **said}, follow=True)


def test_positions_have_room_between() -> None:
    assert spread(None, None, 2) == [-2 * GAP, -GAP]
    assert spread(None, 0, 2) == [-2 * GAP, -GAP]
    assert spread(5, None, 2) == [5 + GAP, 5 + 2 * GAP]
    assert spread(0, 9, 2) == [3, 6]
    assert spread(0, 2, 2) is None


@pytest.mark.parametrize(
    ("moved", "neighbour", "found"),
    [
        ("e", {"before": 0}, "eabcd"),
        ("a", {"behind": 4}, "bcdea"),
        ("a", {}, "bcdea"),
        ("db", {"before": 0}, "bdace"),
        ("ae", {"behind": 2}, "bcaed"),
        ("b", {"before": 2}, "abcde"),
    ],
)
def test_some_are_moved_together(
    album: Album, five: list[Image], moved: str, neighbour: dict[str, int], found: str
) -> None:
    beside = {name: five[at].pk for name, at in neighbour.items()}
    move(album, [five["abcde".index(title)].pk for title in moved], Spot(**beside))
    assert order(album) == found


def test_one_move_writes_one_row(
    album: Album, five: list[Image], django_assert_num_queries: Any
) -> None:
    had = dict(album.items.values_list("image", "position"))
    # A savepoint and its end, the lock, what moves, the neighbour and the one before it, where
    # these were, their lock, and the one that writes.
    with django_assert_num_queries(9):
        move(album, [five[4].pk], Spot(before=five[1].pk))
    now = dict(album.items.values_list("image", "position"))
    assert [pk for pk in now if now[pk] != had[pk]] == [five[4].pk]


def test_without_room_it_is_numbered_anew(album: Album, five: list[Image]) -> None:
    AlbumItem.objects.update(position=7)
    assert order(album) == "abcde"
    move(album, [five[4].pk, five[3].pk], Spot(before=five[1].pk))
    assert order(album) == "adebc"
    for _ in range(30):
        move(album, [five[1].pk], Spot(behind=five[0].pk))
        move(album, [five[2].pk], Spot(behind=five[0].pk))
    assert order(album) == "acbde"


def test_beside_one_that_is_gone_nothing_is_moved(album: Album, five: list[Image]) -> None:
    album.items.filter(image=five[0]).delete()
    with pytest.raises(GoneNeighbour):
        move(album, [five[4].pk], Spot(before=five[0].pk))
    assert order(album) == "bcde"


def test_the_page_tells_the_place_and_undoes_it(
    sign_in: SignIn, alice: User, album: Album, five: list[Image]
) -> None:
    client = sign_in(alice)
    page = send(client, album, five[4], before=five[2].pk, next=f"/?album={album.pk}")
    assert "Moved to place 3 of 5." in page.text
    assert [image.title for image in page.context["images"]] == list("abecd")
    client.post(f"/undo/{BulkChange.objects.get().pk}/")
    assert order(album) == "abcde"


def test_a_place_is_said_by_its_number(
    sign_in: SignIn, alice: User, album: Album, five: list[Image]
) -> None:
    client = sign_in(alice)
    page = send(client, album, five[0], five[1], place=2)
    assert "2 pictures are moved: the first is at place 2 of 5." in page.text
    assert order(album) == "cabde"
    assert "place 5 of 5" in send(client, album, five[2], place=99).text


def test_a_script_gets_the_message_only(
    sign_in: SignIn, alice: User, album: Album, five: list[Image]
) -> None:
    said = {"pks": five[4].pk, "before": five[0].pk, "next": f"/?album={album.pk}"}
    address, headers = f"/albums/{album.pk}/move/", {"HX-Request": "true"}
    answer = sign_in(alice).post(address, said, headers=headers)
    assert "Moved to place 1 of 5." in answer.text
    assert f'value="/?album={album.pk}"' in answer.text
    assert "<h1" not in answer.text
    album.items.filter(image=five[0]).delete()
    assert sign_in(alice).post(address, said, headers=headers).status_code == 409


def test_only_its_owner_moves_pictures(
    sign_in: SignIn, bob: User, charlie: User, album: Album, five: list[Image]
) -> None:
    album.shared_with.add(bob)
    for user in (bob, charlie):
        client = sign_in(user)
        assert send(client, album, five[4], place=1).status_code == 404
        assert "data-moves" not in client.get(f"/?album={album.pk}").text
    assert order(album) == "abcde"


def test_an_album_by_a_rule_is_not_moved_by_hand(
    sign_in: SignIn, alice: User, album: Album, five: list[Image]
) -> None:
    client = sign_in(alice)
    assert "data-moves" in client.get(f"/?album={album.pk}").text
    assert "data-moves" not in client.get(f"/?album={album.pk}&sort=title").text
    Album.objects.update(order="title")
    assert "data-moves" not in client.get(f"/?album={album.pk}").text
    assert send(client, album, five[4], place=1).status_code == 404


@pytest.mark.parametrize(
    ("rule", "found"), [("hand", "eabcd"), ("title", "abcde"), ("uploaded", "edcba")]
)
def test_every_view_of_an_album_follows_its_order(
    sign_in: SignIn, alice: User, album: Album, five: list[Image], rule: str, found: str
) -> None:
    move(album, [five[4].pk], Spot(before=five[0].pk))
    Album.objects.update(order=rule)
    client, query = sign_in(alice), f"?album={album.pk}"
    page = client.get(f"/{query}")
    assert "".join(image.title for image in page.context["images"]) == found
    chosen = {"action": "download", "list": query[1:]}
    for said in ({"all": "1"}, {"pks": ",".join(str(image.pk) for image in five)}):
        answer: Any = client.post("/bulk/", {**chosen, **said})
        names = ZipFile(BytesIO(answer.getvalue())).namelist()
        assert "".join(name[0] for name in names) == found
    page = client.get(f"{five['abcde'.index(found[1])].get_absolute_url()}{query}")
    beside = page.context["surroundings"]
    assert (beside.before.title, beside.behind.title) == (found[0], found[2])
    link = ShareLink.issue(album, days=7)
    shared = client.get(link.address).context["images"]
    assert "".join(image.title for image in shared) == found
    beside = client.get(f"{link.address}{shared[1].pk}/").context["surroundings"]
    assert (beside.before, beside.behind) == (shared[0], shared[2])


def test_pages_go_on_where_the_last_one_ended(
    sign_in: SignIn,
    alice: User,
    album: Album,
    five: list[Image],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grid, "PAGE_SIZE", 2)
    move(album, [five[4].pk], Spot(before=five[0].pk))
    client, said = sign_in(alice), {"album": album.pk}
    first = client.get("/", said).context
    move(album, [five[3].pk], Spot(before=five[4].pk))
    second = client.get("/", {**said, "until": first["until"]}).context
    assert [image.title for image in second["images"]] == ["b", "c"]


def test_the_next_part_comes_while_one_scrolls(
    sign_in: SignIn, alice: User, album: Album, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "PAGE_SIZE", 2)
    client, said = sign_in(alice), {"album": album.pk}
    until = client.get("/", said).context["until"]
    part = client.get("/", {**said, "until": until}, headers={"HX-Request": "true"})
    assert [image.title for image in part.context["images"]] == ["c", "d"]

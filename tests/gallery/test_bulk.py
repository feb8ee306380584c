"""Changing many images at once: what one may, told and undone once."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.utils import timezone

from gallery.models import Album, BulkChange, Image, Tag, User, Visibility
from gallery.placing import GAP
from gallery.rendering import render_next
from gallery.tasks import forget_changes

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def three(store: Store, bob: User) -> list[Image]:
    """A red and a green of Alice's, and a blue of Bob's for signed-in people."""
    red = store("red", title="Red", tags=["old"], album="Walls")
    green = store("green", title="Green", visibility=Visibility.MEMBERS)
    return [red, green, store("blue", owner=bob, title="Blue", visibility=Visibility.MEMBERS)]


@pytest.fixture
def client_of_alice(sign_in: SignIn, alice: User) -> Client:
    return sign_in(alice)


def do(client: Client, action: str, images: list[Image], **said: Any) -> str:
    form = {"action": action, "pk": [image.pk for image in images], **said}
    return client.post("/bulk/", form, follow=True).content.decode()


def undo(client: Client) -> str:
    return client.post(f"/undo/{BulkChange.objects.get().pk}/", follow=True).content.decode()


def state() -> list[Any]:
    """All that a bulk action may change of the images."""
    return [
        (
            image.title,
            sorted(image.tags.values_list("name", flat=True)),
            sorted(image.albums.values_list("title", flat=True)),
            sorted(image.favourites.values_list("user__username", flat=True)),
            (image.visibility, image.taken_at, image.rating, bool(image.trashed_at)),
        )
        for image in Image.objects.order_by("pk")
    ]


@pytest.mark.parametrize(
    ("action", "said", "changed", "refused"),
    [
        ("tag", {"tags": "Old, new"}, "2 pictures are tagged.", 1),
        ("untag", {"tags": "OLD"}, "The tags are taken off 1 picture.", 1),
        ("add_to_album", {"album": "Walls"}, "2 pictures are put into the album.", 0),
        ("remove_from_album", {"album": "Walls"}, "1 picture is taken out of the album.", 0),
        ("like", {}, "3 pictures are new favourites.", 0),
        ("set_visibility", {"visibility": "members"}, "1 picture is seen by others", 1),
        ("set_date", {"taken_at": "2020-05-17T10:00"}, "2 pictures have a new date.", 1),
        ("rate", {"rating": "4"}, "2 pictures are rated.", 1),
        ("trash", {}, "2 pictures are in the trash.", 1),
    ],
)
def test_each_is_told_and_undone(
    client_of_alice: Client,
    three: list[Image],
    action: str,
    said: dict[str, str],
    changed: str,
    refused: int,
) -> None:
    before = state()
    page = do(client_of_alice, action, three, **said)
    assert changed in page
    assert ("not yours to change" in page) == bool(refused)
    assert state() != before
    assert "It is undone." in undo(client_of_alice)
    assert state() == before
    assert not BulkChange.objects.exists()


def test_favourites_are_taken_back_and_come_back(
    client_of_alice: Client, three: list[Image], alice: User
) -> None:
    do(client_of_alice, "like", three[:2])
    BulkChange.objects.all().delete()
    assert "2 pictures are no favourites" in do(client_of_alice, "unlike", three)
    undo(client_of_alice)
    assert Image.objects.favourites_of(alice).count() == 2


@pytest.mark.parametrize("person", ["charlie", "bob"])
@pytest.mark.parametrize("action", ["tag", "set_visibility", "trash"])
def test_others_change_nothing_of_ones_own(
    request: Any, sign_in: SignIn, store: Store, image: Image, person: str, action: str
) -> None:
    client = sign_in(request.getfixturevalue(person))
    before = state()
    said = {"tags": "mine", "visibility": "public"}
    page = do(client, action, [image], **said)
    assert state() == before
    assert ("Choose some pictures first." in page) == (person == "charlie")


def test_what_one_may_not_see_is_not_even_counted(
    sign_in: SignIn, charlie: User, image: Image
) -> None:
    assert "not yours" not in do(sign_in(charlie), "trash", [image])


def test_signed_out_people_change_nothing(client: Client, image: Image) -> None:
    Image.objects.update(visibility=Visibility.PUBLIC)
    form = {"action": "trash", "pk": image.pk}
    assert client.post("/bulk/", form).headers["Location"].startswith("/sign-in/")


def test_all_of_a_list_is_what_its_filters_leave(
    client_of_alice: Client, three: list[Image]
) -> None:
    form = {"action": "rate", "rating": "5", "all": "1", "list": "tag=old"}
    client_of_alice.post("/bulk/", form)
    assert list(Image.objects.filter(rating=5)) == [three[0]]


def test_thousands_come_as_one_field(client_of_alice: Client, three: list[Image]) -> None:
    pks = ",".join(str(image.pk) for image in three)
    client_of_alice.post("/bulk/", {"action": "rate", "rating": "5", "pks": pks})
    assert Image.objects.filter(rating=5).count() == 2


def test_many_are_changed_chunk_by_chunk(
    client_of_alice: Client, three: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gallery.bulk.CHUNK", 1)
    before = state()
    do(client_of_alice, "add_to_album", three, album="New")
    positions = [item.position for item in Album.objects.get(title="New").items.all()]
    assert positions == [0, GAP, 2 * GAP]
    undo(client_of_alice)
    do(client_of_alice, "tag", three, tags="a, b")
    undo(client_of_alice)
    assert state() == before


def test_what_changed_since_stays(client_of_alice: Client, three: list[Image]) -> None:
    do(client_of_alice, "rate", three, rating="3")
    Image.objects.filter(pk=three[0].pk).update(rating=5)
    undo(client_of_alice)
    assert list(Image.objects.order_by("pk").values_list("rating", flat=True)) == [5, 0, 0]


def test_what_is_gone_is_no_obstacle(client_of_alice: Client, three: list[Image]) -> None:
    do(client_of_alice, "untag", three, tags="old")
    Tag.objects.all().delete()
    assert "It is undone." in undo(client_of_alice)
    do(client_of_alice, "remove_from_album", three, album="Walls")
    Image.objects.filter(pk=three[0].pk).delete()
    assert "It is undone." in undo(client_of_alice)


def test_it_is_undone_by_its_own_person_and_once(
    sign_in: SignIn, alice: User, bob: User, three: list[Image]
) -> None:
    do(sign_in(alice), "trash", three)
    address = f"/undo/{BulkChange.objects.get().pk}/"
    sign_in(bob).post(address)
    assert Image.objects.trashed().count() == 2
    client = sign_in(alice)
    client.post(address)
    assert "or it is already" in client.post(address, follow=True).content.decode()


def test_it_can_be_undone_for_a_day(client_of_alice: Client, three: list[Image]) -> None:
    do(client_of_alice, "trash", three)
    BulkChange.objects.update(created_at=timezone.now() - timedelta(hours=25))
    undo(client_of_alice)
    assert Image.objects.trashed().count() == 2
    forget_changes()
    assert not BulkChange.objects.exists()


def test_deleting_one_can_be_undone_too(client_of_alice: Client, three: list[Image]) -> None:
    page = client_of_alice.post(f"/images/{three[0].pk}/delete/", follow=True).content.decode()
    assert f'action="/undo/{BulkChange.objects.get().pk}/"' in page
    undo(client_of_alice)
    assert not Image.objects.trashed().exists()


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("tag", {}),
        ("tag", {"tags": "x" * 101}),
        ("add_to_album", {"album": " "}),
        ("set_date", {"taken_at": "yesterday"}),
        ("set_date", {}),
        ("set_visibility", {"visibility": "secret"}),
        ("rate", {"rating": "6"}),
        ("dance", {}),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    client_of_alice: Client, three: list[Image], action: str, said: dict[str, str]
) -> None:
    before = state()
    assert 'class="notice error"' in do(client_of_alice, action, three, **said)
    assert state() == before


def test_several_are_searched_with_in_the_order_of_their_list(
    client_of_alice: Client, three: list[Image]
) -> None:
    form = {"action": "similar", "pk": [three[0].pk, three[2].pk]}
    for listed, asked in (("", "{2},{0}"), ("sort=oldest", "{0},{2}")):
        address = client_of_alice.post("/bulk/", {**form, "list": listed}).headers["Location"]
        assert address == f"/search/?positive={asked.format(*(image.pk for image in three))}"
    form = {"action": "similar", "all": "1", "list": "sort=title"}
    address = client_of_alice.post("/bulk/", form).headers["Location"]
    red, green, blue = (image.pk for image in three)
    assert address == f"/search/?positive={blue},{green},{red}"


def zipped(client: Client, images: list[Image], kind: str = "") -> dict[str, bytes]:
    form = {"action": "download", "pk": [image.pk for image in images], "kind": kind}
    response = client.post("/bulk/", form)
    assert response.headers["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(response.getvalue())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_originals_are_downloaded_as_they_came(
    client_of_alice: Client, three: list[Image], image: Image
) -> None:
    found = zipped(client_of_alice, three)
    assert sorted(found) == ["Blue.png", "Green.png", "Red.png"]
    with three[0].file.open() as file:
        assert found["Red.png"] == file.read()


def test_a_size_is_downloaded_and_names_are_told_apart(
    client_of_alice: Client, three: list[Image]
) -> None:
    Image.objects.update(title="Same/name")
    while render_next():
        pass
    found = zipped(client_of_alice, three, "thumbnail")
    assert sorted(found) == ["Same_name (2).jpg", "Same_name (3).jpg", "Same_name.jpg"]
    assert all(data.startswith(b"\xff\xd8") for data in found.values())


def test_what_storage_has_lost_is_named(client_of_alice: Client, three: list[Image]) -> None:
    three[1].file.storage.delete(three[1].stored_name)
    assert zipped(client_of_alice, three)["missing.txt"] == b"Green.png\n"


def test_nothing_of_others_is_downloaded(sign_in: SignIn, charlie: User, image: Image) -> None:
    response = sign_in(charlie).post("/bulk/", {"action": "download", "pk": image.pk})
    assert response.status_code == 302


def test_the_field_suggests_ones_own_albums(sign_in: SignIn, bob: User, three: list[Image]) -> None:
    Album.objects.create(owner=bob, title="mine")
    page = sign_in(bob).get("/bulk/albums/").content.decode()
    assert "mine" in page
    assert "Walls" not in page


def test_the_number_of_queries_does_not_grow(
    client_of_alice: Client, store: Store, django_assert_max_num_queries: Any
) -> None:
    images = [store((level, 0, 0)) for level in range(8)]
    with django_assert_max_num_queries(30) as one:
        client_of_alice.post("/bulk/", {"action": "tag", "tags": "a", "pk": images[0].pk})
    form = {"action": "tag", "tags": "b", "pk": [image.pk for image in images]}
    with django_assert_max_num_queries(len(one)):
        client_of_alice.post("/bulk/", form)

"""The trash: an image in it is nowhere else, comes back whole, or goes for good."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from gallery.ingest import store_image
from gallery.models import Album, Image, Tag, User, Visibility
from gallery.rendering import render_next
from gallery.renditions import KINDS
from gallery.tasks import delete_stray_files, empty_trash
from search.labels import LabelSource, labellings
from search.models import Embedding, Encoder, Explanation, Query
from search.requesting import explanation_for_waiting
from tests.conftest import Picture

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def trashed(image: Image) -> Image:
    """Alice's red picture, for everybody and in an album, but in the trash."""
    album = Album.objects.create(owner=image.owner, title="Walls", visibility=Visibility.PUBLIC)
    album.items.create(image=image)
    image.tags.add(Tag.objects.create(owner=image.owner, name="brick"))
    Image.objects.update(visibility=Visibility.PUBLIC, trashed_at=timezone.now())
    render_next()
    return image


def test_deleting_puts_into_the_trash(sign_in: SignIn, alice: User, image: Image) -> None:
    page = sign_in(alice).post(f"/images/{image.pk}/delete/", follow=True)
    assert "“Red” is in the trash." in page.content.decode()
    assert Image.objects.get().trashed_at
    assert list(Image.objects.in_trash_of(alice)) == [image]


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_nobody_else_deletes(request: Any, sign_in: SignIn, image: Image, person: str) -> None:
    client = sign_in(request.getfixturevalue(person))
    assert client.post(f"/images/{image.pk}/delete/").status_code == 404
    assert not Image.objects.get().trashed_at


def test_signed_out_people_are_asked_to_sign_in(client: Client, image: Image) -> None:
    response = client.post(f"/images/{image.pk}/delete/")
    assert response.headers["Location"] == f"/sign-in/?next=/images/{image.pk}/delete/"


@pytest.mark.parametrize("person", ["alice", "bob", "charlie", None])
@pytest.mark.parametrize(
    "address",
    [
        "images/{pk}/",
        "images/{pk}/edit/",
        "images/{pk}/file/",
        "images/{pk}/thumbnail.jpg",
        "images/{pk}/similar/",
        "api/v1/images/{pk}/",
        "api/v1/images/{pk}/similar/",
    ],
)
def test_it_has_no_page_and_no_file(
    request: Any, client: Client, trashed: Image, address: str, person: str | None
) -> None:
    if person:
        client.force_login(request.getfixturevalue(person))
    response = client.get(f"/{address.format(pk=trashed.pk)}")
    assert response.status_code == (302 if "edit" in address and not person else 404)


@pytest.mark.parametrize("address", ["", "albums/", "tags/", "?album=Walls", "api/v1/images/"])
def test_it_is_in_no_list(sign_in: SignIn, alice: User, trashed: Image, address: str) -> None:
    page = sign_in(alice).get(f"/{address}").content.decode()
    assert "Red" not in page
    assert "1 picture" not in page
    assert "brick" not in page


def test_it_is_no_neighbour_and_no_example(
    sign_in: SignIn, alice: User, trashed: Image, store: Store, embed: Any
) -> None:
    other = store("blue")
    embed(trashed, other)
    client = sign_in(alice)
    assert client.get(f"/images/{other.pk}/similar/").context["neighbours"].results == []
    assert client.get(f"/search/?positive={trashed.pk}").status_code == 400
    assert client.get(f"/images/{other.pk}/similar/{trashed.pk}/why/").status_code == 404


def test_nothing_is_measured_with_it(trashed: Image) -> None:
    assert not list(labellings(LabelSource.TAGS, None))
    assert not list(labellings(LabelSource.ALBUMS, None))


def test_its_owner_sees_it_in_the_trash(sign_in: SignIn, alice: User, trashed: Image) -> None:
    client = sign_in(alice)
    page = client.get("/trash/").content.decode()
    assert "Red" in page
    assert "30 days left" in page
    assert client.get(f"/trash/{trashed.pk}/thumbnail.jpg").getvalue().startswith(b"\xff\xd8")


def test_others_do_not(sign_in: SignIn, bob: User, trashed: Image) -> None:
    client = sign_in(bob)
    assert "The trash is empty" in client.get("/trash/").content.decode()
    assert client.get(f"/trash/{trashed.pk}/thumbnail.jpg").status_code == 404
    client.post("/trash/restore/", {"pk": trashed.pk, "all": 1})
    client.post("/trash/delete/", {"pk": trashed.pk, "all": 1, "sure": 1})
    empty_trash()
    assert Image.objects.get().trashed_at


def test_the_signed_out_are_asked_to_sign_in(client: Client, db: None) -> None:
    assert client.get("/trash/").headers["Location"] == "/sign-in/?next=/trash/"


def test_an_administrator_sees_everybody_s(admin: Client, trashed: Image) -> None:
    assert "Red" in admin.get("/trash/").content.decode()


def test_it_comes_back_as_it_was(sign_in: SignIn, alice: User, bob: User, trashed: Image) -> None:
    page = sign_in(alice).post("/trash/restore/", {"pk": trashed.pk}, follow=True)
    assert "One picture is restored." in page.content.decode()
    assert list(Image.objects.visible_to(bob).tagged("brick")) == [trashed]
    assert "1 picture" in sign_in(bob).get("/albums/").content.decode()


def test_the_same_bytes_again_bring_it_back(
    alice: User, picture: Picture, trashed: Image, api: Any
) -> None:
    answer = api(alice).post("/api/v1/images/", {"file": picture("red")})
    assert (answer.status_code, answer.json()["restored"]) == (200, True)
    assert answer.json()["id"] == trashed.pk
    again = api(alice).post("/api/v1/images/", {"file": picture("red")})
    assert "restored" not in again.json()


def test_it_is_said_that_they_do(
    sign_in: SignIn, alice: User, picture: Picture, trashed: Image
) -> None:
    form = {"pictures": picture("red"), "visibility": "private"}
    page = sign_in(alice).post("/upload/", form).content.decode()
    assert "restored from your trash" in page


def test_deleting_for_good_asks_first(sign_in: SignIn, alice: User, trashed: Image) -> None:
    page = sign_in(alice).post("/trash/delete/", {"pk": trashed.pk}).content.decode()
    assert "Delete 1 picture for good?" in page
    empty_trash()
    assert Image.objects.exists()


def files_of(image: Image) -> list[str]:
    return [name for name in image.file_names() if default_storage.exists(name)]


def test_what_goes_for_good_leaves_no_file_and_no_row(
    sign_in: SignIn, alice: User, trashed: Image, store: Store, embed: Any, other: Encoder
) -> None:
    embed(trashed, kept := store("blue"))
    encoder = Encoder.objects.get(name="tiny")
    explanation_for_waiting(trashed, kept, encoder)
    explanation_for_waiting(kept, trashed, encoder)
    Query.objects.create(asker=alice, encoder=encoder, examples=[trashed.pk, kept.pk])
    assert len(files_of(trashed)) == 1 + len(KINDS)
    assert Embedding.objects.filter(image=trashed).count() == 2

    form = {"pk": trashed.pk, "sure": 1}
    page = sign_in(alice).post("/trash/delete/", form, follow=True).content.decode()
    assert "One picture is deleted for good." in page
    assert "The trash is empty" in page
    empty_trash()
    delete_stray_files()
    assert list(Image.objects.all()) == [kept]
    assert files_of(trashed) == []
    assert set(Embedding.objects.values_list("image", flat=True)) == {kept.pk}
    assert not Explanation.objects.exists()
    assert not Query.objects.exists()


def test_the_same_bytes_after_that_are_a_new_image(
    alice: User, picture: Picture, trashed: Image
) -> None:
    Image.objects.doom()
    image, is_new = store_image(alice, picture("red"))
    assert is_new
    assert not image.tags.exists()
    assert list(Image.objects.all()) == [image]


def test_the_trash_is_emptied_after_its_days(
    settings: Any, store: Store, trashed: Image, alice: User
) -> None:
    settings.TRASH_DAYS = 7
    Image.objects.update(trashed_at=timezone.now() - timedelta(days=6))
    empty_trash()
    assert Image.objects.in_trash_of(alice).get().days_left == 1
    kept = store("blue")
    Image.objects.trashed().update(trashed_at=timezone.now() - timedelta(days=8))
    assert not Image.objects.in_trash_of(alice).exists()
    empty_trash()
    assert list(Image.objects.all()) == [kept]


def test_a_long_trash_is_emptied_batch_by_batch(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr("gallery.tasks.TRASH_BATCH", 2)
    for level in range(3):
        store((level, 0, 0))
    Image.objects.trash()
    Image.objects.doom()
    empty_trash()
    assert Image.objects.count() == 1
    empty_trash()
    assert not Image.objects.exists()


def test_a_full_trash_is_one_page_and_few_queries(
    sign_in: SignIn, alice: User, store: Store, django_assert_num_queries: Any
) -> None:
    for level in range(6):
        store((level, 0, 0))
    Image.objects.trash()
    client = sign_in(alice)
    # Session, user, the count, the images.
    with django_assert_num_queries(4):
        assert len(client.get("/trash/").context["images"]) == 6

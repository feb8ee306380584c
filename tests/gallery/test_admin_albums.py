"""An album's page in the admin shows what lies in it, and takes what is dropped on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gallery.admin import albums
from gallery.models import Album, Image, Rendering, Role, User
from gallery.rendering import render_next
from search.indexing import embed_batch
from search.models import Embedding
from tests.conftest import Picture

Store = Callable[..., Image]


@pytest.fixture
def album(alice: User) -> Album:
    return Album.objects.create(owner=alice, title="Walls")


@pytest.fixture
def manager(client: Client, charlie: User) -> Client:
    charlie.take_role(Role.MANAGER)
    client.force_login(charlie)
    return client


def page_of(album: Album) -> str:
    return reverse("admin:gallery_album_change", args=[album.pk])


def uploads(album: Album, *image: int) -> str:
    name = "admin:gallery_album_upload" if image else "admin:gallery_album_uploads"
    return reverse(name, args=[album.pk, *image])


def test_its_pictures_are_shown_in_their_order_a_page_at_a_time(
    manager: Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(albums, "PAGE_SIZE", 2)
    images = [store((at, 0, 0), album="Walls") for at in range(3)]
    album = Album.objects.get()
    first, second = (manager.get(page_of(album), {"page": at}) for at in (1, 2))
    shown = [[image for image, _ in answer.context["pictures"]] for answer in (first, second)]
    assert shown == [images[:2], images[2:]]
    assert "Page 1 of 2" in first.text
    assert "3 pictures" in first.text


def test_its_page_says_whose_they_will_be(manager: Client, album: Album) -> None:
    text = manager.get(page_of(album)).text
    assert "They are alice’s from then on." in text
    assert 'data-known="alice has it already"' in text


def test_what_lies_in_the_trash_is_not_shown(manager: Client, store: Store) -> None:
    store("red", album="Walls")
    Image.objects.all().trash()
    assert "0 pictures" in manager.get(page_of(Album.objects.get())).text


def test_its_page_takes_as_many_queries_for_many_as_for_one(
    manager: Client, store: Store, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    store("red", album="Walls")
    page = page_of(Album.objects.get())
    with django_assert_max_num_queries(20) as few:
        manager.get(page)
    for color in ("blue", "green", "white"):
        store(color, album="Walls")
    with django_assert_max_num_queries(len(few)):
        manager.get(page)


def test_a_file_is_stored_as_the_owners_and_in_the_album(
    manager: Client, album: Album, picture: Picture, alice: User
) -> None:
    sent = {"file": picture(), "album": "Others", "tags": "old, red", "visibility": "members"}
    answer = manager.post(uploads(album), sent)
    image = Image.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (201, image.pk)
    assert (image.owner, image.visibility) == (alice, "members")
    assert [(held.title, held.owner) for held in image.albums.all()] == [("Walls", alice)]
    assert {tag.owner for tag in image.tags.all()} == {alice}
    assert LogEntry.objects.get().change_message == "Uploaded into “Walls”."


def test_a_file_the_owner_has_is_put_into_the_album(
    manager: Client, album: Album, image: Image, picture: Picture
) -> None:
    Image.objects.all().trash()
    answer = manager.post(uploads(album), {"file": picture("red")})
    assert (answer.status_code, answer.json()["restored"]) == (200, True)
    assert album.images.get() == image


def test_a_file_that_is_no_image_is_refused_with_the_reason(manager: Client, album: Album) -> None:
    answer = manager.post(uploads(album), {"file": SimpleUploadedFile("a.jpg", b"no image")})
    assert answer.status_code == 415
    assert "not an image" in answer.json()["detail"]
    assert not Image.objects.exists()


def test_each_file_is_followed_until_it_can_be_searched(
    manager: Client, album: Album, picture: Picture, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sent = manager.post(uploads(album), {"file": picture()}).json()
    asked = uploads(album, sent["id"])
    assert manager.get(asked).json()["embedding"]["state"] == "pending"
    render_next()
    embed_batch(Embedding.objects.all())
    answer = manager.get(asked).json()
    assert answer["embedding"] == {"state": "ready", "error": ""}
    assert manager.get(answer["thumbnail_url"]).getvalue().startswith(b"\xff\xd8")
    Rendering.objects.all().fail("The file ends too early.")
    assert manager.get(asked).json()["embedding"]["error"] == "The file ends too early."


def test_only_what_is_in_the_album_is_followed(manager: Client, album: Album, image: Image) -> None:
    assert manager.get(uploads(album, image.pk)).status_code == 404
    assert manager.post(reverse("admin:gallery_album_uploads", args=[999])).status_code == 404


def test_strangers_neither_look_nor_upload(
    client: Client, album: Album, charlie: User, picture: Picture
) -> None:
    client.force_login(charlie)
    assert client.get(page_of(album)).status_code == 302
    assert client.post(uploads(album), {"file": picture()}).status_code == 302
    assert not Image.objects.exists()


def test_whoever_may_only_look_is_offered_no_upload(
    client: Client, album: Album, charlie: User, picture: Picture
) -> None:
    charlie.is_staff = True
    charlie.save()
    charlie.groups.clear()
    charlie.user_permissions.set(Permission.objects.filter(codename="view_album"))
    client.force_login(charlie)
    answer = client.get(page_of(album))
    assert "uploader" not in answer.text
    assert "pictures" not in answer.context
    assert client.post(uploads(album), {"file": picture()}).status_code == 403
    assert not Image.objects.exists()


def test_an_upload_needs_its_token(album: Album, charlie: User, picture: Picture) -> None:
    charlie.take_role(Role.MANAGER)
    client = Client(enforce_csrf_checks=True)
    client.force_login(charlie)
    assert client.post(uploads(album), {"file": picture()}).status_code == 403


def test_nothing_of_its_page_is_inline(manager: Client, album: Album) -> None:
    text = manager.get(page_of(album)).text
    assert "<style" not in text
    assert " style=" not in text
    assert "<script>" not in text

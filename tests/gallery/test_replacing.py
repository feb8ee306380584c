"""An image gets another file: what is said of it stays, what was made of the old one goes."""

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from PIL import Image as Pillow
from rest_framework.test import APIClient

from gallery.imagefile import NoSpace, RejectedFile
from gallery.integrity.checking import check_gallery
from gallery.models import (
    Favourite,
    Image,
    Rendering,
    Role,
    ShareLink,
    State,
    StrayFile,
    User,
)
from gallery.rendering import render, render_next
from gallery.replacing import AlreadyThere, exchange, replace_file
from gallery.tasks import delete_stray_files
from search.indexing import embed_batch, keep_vectors
from search.models import Embedding, Encoder, Explanation, Query
from search.requesting import embedding_for_waiting
from tests.conftest import picture_bytes
from tests.gallery.test_exif import photo

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def files_in_storage(settings: Any) -> set[str]:
    root = settings.MEDIA_ROOT
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def full(near: Image, image: Image, bob: User) -> Image:
    """Alice's red picture with all that a gallery knows of one."""
    while render_next():
        pass
    Favourite.objects.create(user=bob, image=image)
    image.tags.create(owner=image.owner, name="wall")
    return image


def other_file(name: str = "new.jpg") -> ContentFile:
    return ContentFile(photo(color="blue"), name)


def test_what_is_said_of_it_stays_and_its_facts_change(full: Image) -> None:
    before = Image.objects.get(pk=full.pk)
    assert replace_file(full, other_file())
    image = Image.objects.get(pk=full.pk)
    assert (image.title, image.created_at) == (before.title, before.created_at)
    assert [tag.name for tag in image.tags.all()] == ["wall"]
    assert image.shared_with.count() == image.favourites.count() == 1
    assert (image.format, image.file_name) == ("JPEG", "new.jpg")
    assert image.byte_size == other_file().size
    assert image.sha256 != before.sha256
    assert image.camera_facts.camera == "Canon EOS R5"
    assert image.version != before.version == ""


def test_its_date_is_the_new_files_unless_it_has_none(full: Image) -> None:
    Image.objects.update(taken_at="2020-01-01T00:00Z")
    replace_file(full, other_file())
    assert full.taken_at
    assert full.taken_at.year == 2020


def test_the_old_files_go_and_nothing_is_left_over(full: Image, settings: Any) -> None:
    old = set(full.file_names())
    replace_file(full, other_file())
    delete_stray_files()
    assert not old & files_in_storage(settings)
    assert render_next()
    assert set(full.file_names()) <= files_in_storage(settings)
    assert check_gallery().is_clean
    assert not StrayFile.objects.exists()


def test_its_renditions_show_the_new_file(full: Image) -> None:
    replace_file(full, other_file())
    assert Rendering.objects.get(image=full).state == State.PENDING
    render_next()
    small = default_storage.open(full.rendition_name("small"))
    with small, Pillow.open(small) as picture:
        assert picture.getpixel((9, 9)) == (0, 0, 254)


def test_its_vectors_are_made_anew_of_every_encoder(full: Image, other: Encoder) -> None:
    embedding_for_waiting(full, other)
    replace_file(full, other_file())
    waiting = Embedding.objects.filter(image=full)
    assert {row.encoder.name for row in waiting} >= {"other"}
    assert not waiting.exclude(vector=None).exists()
    while embed_batch(Embedding.objects.all()):
        pass
    assert not Embedding.objects.filter(image=full, vector=None).exists()
    assert not Embedding.objects.outdated().exists()


def test_find_similar_waits_and_then_works(
    sign_in: SignIn, alice: User, full: Image, near: Image
) -> None:
    replace_file(full, other_file())
    client = sign_in(alice)
    assert f"/images/{near.pk}/" not in client.get(f"/images/{full.pk}/similar/").content.decode()
    while embed_batch(Embedding.objects.all()):
        pass
    assert f"/images/{near.pk}/" in client.get(f"/images/{full.pk}/similar/").content.decode()


def test_what_was_asked_and_explained_with_the_old_one_is_forgotten(
    full: Image, near: Image
) -> None:
    encoder = Encoder.objects.get()
    Explanation.objects.create(encoder=encoder, image=near, result=full)
    Query.objects.create(asker=full.owner, encoder=encoder, image=full, examples=[full.pk])
    replace_file(full, other_file())
    assert not Explanation.objects.exists()
    assert not Query.objects.exists()


def test_the_same_bytes_change_nothing(full: Image) -> None:
    before = Image.objects.get(pk=full.pk)
    assert not replace_file(full, ContentFile(picture_bytes("red"), "again.png"))
    after = Image.objects.get(pk=full.pk)
    assert (after.file, after.file_name) == (before.file, before.file_name)
    assert Rendering.objects.get(image=full).is_ready


@pytest.mark.parametrize("is_in_trash", [False, True])
def test_bytes_of_another_image_of_the_owner_are_refused(
    full: Image, store: Store, is_in_trash: bool
) -> None:
    other = store("blue")
    if is_in_trash:
        Image.objects.filter(pk=other.pk).trash()
    with pytest.raises(AlreadyThere) as refusal:
        replace_file(full, ContentFile(picture_bytes("blue"), "b.png"))
    assert (refusal.value.image, refusal.value.status) == (other, 409)


def test_bytes_that_somebody_else_has_are_welcome(full: Image, store: Store, bob: User) -> None:
    store("blue", owner=bob)
    assert replace_file(full, ContentFile(picture_bytes("blue"), "b.png"))


def assert_nothing_changed(image: Image, settings: Any) -> None:
    StrayFile.objects.update(delete_after="2000-01-01T00:00Z")
    delete_stray_files()
    after = Image.objects.get(pk=image.pk)
    assert after.replaced_at is None
    assert files_in_storage(settings) >= set(after.file_names())
    assert not any(name.endswith(".jpg") for name in files_in_storage(settings) if "orig" in name)
    assert Embedding.objects.get(image=image).vector is not None


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n"])
def test_what_the_door_refuses_changes_nothing(full: Image, settings: Any, data: bytes) -> None:
    with pytest.raises(RejectedFile):
        replace_file(full, ContentFile(data, "a.png"))
    assert_nothing_changed(full, settings)


def test_a_full_disk_changes_nothing(
    full: Image, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(NoSpace):
        replace_file(full, other_file())
    assert_nothing_changed(full, settings)


def test_a_process_killed_before_the_rows_are_committed_changes_nothing(
    full: Image, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*rows: Any) -> None:
        exchange(*rows)
        raise KeyboardInterrupt

    monkeypatch.setattr("gallery.replacing.exchange", transaction.atomic(die))
    with pytest.raises(KeyboardInterrupt):
        replace_file(full, other_file())
    assert_nothing_changed(full, settings)


def test_a_worker_that_is_at_the_old_file_finishes_nothing(full: Image, settings: Any) -> None:
    Rendering.objects.filter(image=full).retry()
    rendering = Rendering.objects.select_related("image").get(image=full)
    held = Embedding.objects.select_related("image").get(image=full)
    old = set(full.file_names())
    replace_file(Image.objects.get(pk=full.pk), other_file())
    render(rendering)
    keep_vectors([(held, list(held.vector or []))], "float32")
    assert Rendering.objects.get(image=full).state == State.PENDING
    assert Embedding.objects.get(image=full).vector is None
    delete_stray_files()
    assert not old & files_in_storage(settings)


def test_an_image_deleted_meanwhile_keeps_no_file(full: Image, settings: Any) -> None:
    gone = Image.objects.get(pk=full.pk)
    full.delete()
    with pytest.raises(RejectedFile, match="deleted"):
        replace_file(gone, other_file())
    delete_stray_files()
    assert not any(name.endswith(".jpg") for name in files_in_storage(settings) if "orig" in name)


def test_browsers_get_the_new_file_at_once(sign_in: SignIn, alice: User, full: Image) -> None:
    client = sign_in(alice)
    address = f"/images/{full.pk}/file/"
    before = client.get(address)
    assert before.getvalue() == picture_bytes("red")
    replace_file(full, other_file())
    after = client.get(address, headers={"if-none-match": before["ETag"]})
    assert after.getvalue() == photo(color="blue")
    render_next()
    page = client.get(f"/images/{full.pk}/").content.decode()
    assert f'src="/images/{full.pk}/preview.jpg?v=' in page


def test_a_shared_link_opens_the_new_file(client: Client, full: Image) -> None:
    link = ShareLink.issue(full, 7)
    replace_file(full, other_file())
    response = client.get(f"{link.address}{full.pk}/file/")
    assert response["ETag"] == f'"{full.sha256}-discreet"'
    assert response.getvalue()


def send(client: Client, image: Image, data: bytes) -> Any:
    return client.post(f"/images/{image.pk}/replace/", {"file": ContentFile(data, "new.jpg")})


def test_the_owner_replaces_it_on_the_page(sign_in: SignIn, alice: User, image: Image) -> None:
    client = sign_in(alice)
    assert "Replace the file" in client.get(f"/images/{image.pk}/edit/").content.decode()
    assert send(client, image, photo()).url == f"/images/{image.pk}/"
    assert Image.objects.get(pk=image.pk).format == "JPEG"


def test_the_page_says_why_not(sign_in: SignIn, alice: User, image: Image, store: Store) -> None:
    client, other = sign_in(alice), store("blue")
    assert "is not an image" in send(client, image, b"hello").content.decode()
    assert "This field is required" in client.post(f"/images/{image.pk}/replace/").content.decode()
    page = send(client, image, picture_bytes("blue")).content.decode()
    assert "these very bytes" in page
    assert f'href="/images/{other.pk}/"' in page


@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_nobody_else_replaces_it(
    sign_in: SignIn, image: Image, charlie: User, api: Any, who: str
) -> None:
    person = User.objects.get(username=who)
    assert send(sign_in(person), image, photo()).status_code == 404
    answer = put(api(person), image, photo())
    assert answer.status_code == (403 if who == "bob" else 404)
    assert Image.objects.get(pk=image.pk).format == "PNG"


def test_signed_out_people_are_asked_to_sign_in(client: Client, api: Any, image: Image) -> None:
    assert send(client, image, photo()).url.startswith("/sign-in/")
    assert put(api(), image, photo()).status_code == 401


def test_a_viewer_adds_no_files(sign_in: SignIn, api: Any, alice: User, image: Image) -> None:
    alice.take_role(Role.VIEWER)
    alice = User.objects.get(pk=alice.pk)
    assert send(sign_in(alice), image, photo()).status_code == 403
    assert put(api(alice), image, photo()).status_code == 403


def test_a_manager_is_not_told_of_what_is_hidden_from_them(
    sign_in: SignIn, bob: User, image: Image, store: Store
) -> None:
    bob.take_role(Role.MANAGER)
    hidden = store("blue", title="Hidden")
    page = send(sign_in(bob), image, picture_bytes("blue")).content.decode()
    assert "these very bytes" in page
    assert f"/images/{hidden.pk}/" not in page
    assert "Hidden" not in page


def put(client: APIClient, image: Image, data: bytes) -> Any:
    body = {"file": ContentFile(data, "new.jpg")}
    return client.put(f"/api/v1/images/{image.pk}/file/", body, format="multipart")


def test_the_api_answers_with_the_image(api: Any, alice: User, image: Image) -> None:
    answer = put(api(alice), image, photo())
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["format"]) == (image.pk, "JPEG")
    assert answer.json()["embedding"]["state"] == "pending"
    assert "?v=" in answer.json()["file_url"]


def test_the_api_says_why_not(api: Any, alice: User, image: Image, store: Store) -> None:
    other = store("blue")
    assert put(api(alice), image, b"hello").status_code == 415
    assert api(alice).put(f"/api/v1/images/{image.pk}/file/", {}).status_code == 400
    answer = put(api(alice), image, picture_bytes("blue"))
    assert answer.status_code == 409
    assert answer.json()["detail"].endswith(f"http://testserver/images/{other.pk}/")

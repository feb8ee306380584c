"""GET /api/v1/images/<id>/: what each person sees of an image."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery.models import Album, AlbumItem, Image, Rendering, User, Visibility
from gallery.rendering import render_next
from search.models import Embedding


@pytest.fixture
def read(api: Any) -> Any:
    def get(image: Image, user: User | None = None) -> Any:
        return api(user).get(f"/api/v1/images/{image.pk}/")

    return get


def test_its_owner_reads_it(read: Any, image: Image, alice: User) -> None:
    assert read(image, alice).json()["title"] == "Red"


def test_whoever_has_access_reads_it(read: Any, image: Image, bob: User) -> None:
    assert read(image, bob).status_code == 200


def test_a_stranger_gets_404(read: Any, image: Image, charlie: User) -> None:
    assert read(image, charlie).status_code == 404


def test_a_member_reads_what_is_for_members(read: Any, image: Image, charlie: User) -> None:
    Image.objects.update(visibility=Visibility.MEMBERS)
    assert read(image, charlie).status_code == 200
    assert read(image).status_code == 404


def test_the_signed_out_read_what_is_public(read: Any, image: Image) -> None:
    assert read(image).status_code == 404
    Image.objects.update(visibility=Visibility.PUBLIC)
    assert read(image).status_code == 200


def test_an_album_is_named_only_to_those_who_see_it(
    read: Any, image: Image, alice: User, bob: User
) -> None:
    album = Album.objects.create(owner=alice, title="Secret plans")
    AlbumItem.objects.create(album=album, image=image)
    assert read(image, alice).json()["album"] == "Secret plans"
    assert read(image, bob).json()["album"] is None
    album.shared_with.add(bob)
    assert read(image, bob).json()["album"] == "Secret plans"


def test_the_thumbnail_is_named_once_it_is_made(read: Any, image: Image, alice: User) -> None:
    assert read(image, alice).json()["thumbnail_url"] is None
    assert render_next()
    url = f"http://testserver/images/{image.pk}/thumbnail.jpg"
    assert read(image, alice).json()["thumbnail_url"] == url


def test_an_image_without_a_rendering_has_no_thumbnail(
    read: Any, image: Image, alice: User
) -> None:
    Rendering.objects.all().delete()
    assert read(image, alice).json()["thumbnail_url"] is None


def test_an_embedding_that_is_not_noted_yet_is_pending(
    read: Any, image: Image, alice: User
) -> None:
    embedding = {"encoder": "tiny", "state": "pending", "error": None}
    assert not Embedding.objects.exists()
    assert read(image, alice).json()["embedding"] == embedding


def test_an_embedding_becomes_ready(
    read: Any, image: Image, alice: User, embed: Callable[..., None]
) -> None:
    embed(image)
    assert read(image, alice).json()["embedding"]["state"] == "ready"


def test_an_embedding_that_failed_says_why(
    read: Any, image: Image, alice: User, embed: Callable[..., None]
) -> None:
    Path(image.file.path).unlink()
    embed(image)
    embedding = read(image, alice).json()["embedding"]
    assert embedding["state"] == "failed"
    assert "missing in storage" in embedding["error"]


@pytest.mark.parametrize("pk", [0, 99999999999999999999999])
def test_a_number_of_no_image_is_404(api: Any, alice: User, pk: int) -> None:
    assert api(alice).get(f"/api/v1/images/{pk}/").status_code == 404

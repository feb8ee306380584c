"""POST /api/v1/images/: the door for scripts and for the upload page."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gallery.models import Album, Image, StrayFile, User
from tests.conftest import Picture

URL = "/api/v1/images/"


@pytest.fixture
def upload(api: Any, alice: User, picture: Picture) -> Any:
    def post(color: Any = "red", owner: User = alice, **fields: Any) -> Any:
        return api(owner).post(URL, {"file": picture(color), **fields})

    return post


def test_an_upload_becomes_the_senders_image(upload: Any, alice: User) -> None:
    answer = upload()
    image = Image.objects.get()
    assert (answer.status_code, image.owner) == (201, alice)
    assert answer.headers["Location"] == f"http://testserver/api/v1/images/{image.pk}/"
    assert Path(image.file.path).exists()


def test_the_answer_says_all_about_the_image(upload: Any) -> None:
    data = upload().json()
    pk = data["id"]
    assert data == {
        "id": pk,
        "title": "photo",
        "width": 64,
        "height": 48,
        "album": None,
        "tags": [],
        "description": "",
        "camera": None,
        "place": None,
        "visibility": "private",
        "favourite": False,
        "rating": 0,
        "owner": "alice",
        "format": "PNG",
        "byte_size": Image.objects.get().byte_size,
        "taken_at": None,
        "created_at": data["created_at"],
        "thumbnail_url": None,
        "file_url": f"http://testserver/images/{pk}/file/",
        "url": f"http://testserver/images/{pk}/",
        "similar_url": f"http://testserver/api/v1/images/{pk}/similar/",
        "embedding": {"encoder": "tiny", "state": "pending", "error": None},
    }


def test_labels_come_along(upload: Any) -> None:
    said = {"title": "Wall", "description": "Old.", "album": "Bricks"}
    data = upload(**said, visibility="public", tags=["old", "red"]).json()
    assert data["description"] == "Old."
    assert (data["title"], data["album"], data["visibility"]) == ("Wall", "Bricks", "public")
    assert data["tags"] == ["old", "red"]


def test_tags_may_stand_between_commas(upload: Any) -> None:
    data = upload(tags="old, red,, old").json()
    assert data["tags"] == ["old", "red"]


def test_many_tags_between_commas_may_be_longer_than_one_may(upload: Any) -> None:
    names = sorted(f"word-{number:02}" for number in range(30))
    assert upload(tags=",".join(names)).json()["tags"] == names


def test_an_album_of_ones_own_is_used_again(upload: Any, alice: User, bob: User) -> None:
    Album.objects.create(owner=bob, title="Bricks")
    upload("red", album="Bricks")
    upload("blue", album="Bricks")
    assert Album.objects.get(owner=alice).images.count() == 2
    assert Album.objects.get(owner=bob).images.count() == 0


def test_the_same_bytes_again_are_the_image_one_has(upload: Any) -> None:
    first, second = upload(), upload(title="Another", album="Later")
    assert second.status_code == 200
    assert (second.json()["id"], second.json()["title"]) == (first.json()["id"], "photo")
    assert second.json()["album"] == "Later"
    assert Image.objects.count() == 1


def test_the_same_bytes_of_another_owner_are_another_image(upload: Any, bob: User) -> None:
    upload()
    assert upload(owner=bob).status_code == 201
    assert Image.objects.count() == 2


def assert_refused(answer: Any, status: int, reason: str) -> None:
    """A problem with a reason, and nothing half saved."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert reason in answer.json()["detail"]
    assert not Image.objects.exists()
    assert not Album.objects.exists()
    assert not StrayFile.objects.exists()


def test_a_missing_file_is_asked_for(api: Any, alice: User) -> None:
    answer = api(alice).post(URL, {"title": "Nothing"})
    assert_refused(answer, 400, "multipart field “file”")
    assert list(answer.json()["errors"]) == ["file"]


def test_text_in_place_of_a_file_is_refused(api: Any, alice: User) -> None:
    assert_refused(api(alice).post(URL, {"file": "hello"}), 400, "multipart file")


def test_json_is_told_to_send_a_file(api: Any, alice: User) -> None:
    assert_refused(api(alice).post(URL, {"title": "x"}, format="json"), 400, "multipart")


def test_an_empty_file_is_refused(api: Any, alice: User) -> None:
    answer = api(alice).post(URL, {"file": SimpleUploadedFile("a.png", b"")})
    assert_refused(answer, 400, "empty")


def test_what_is_no_image_is_refused_whatever_it_is_called(api: Any, alice: User) -> None:
    file = SimpleUploadedFile("photo.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")
    assert_refused(api(alice).post(URL, {"file": file}), 415, "JPEG, PNG")


def test_too_many_bytes_are_refused(upload: Any, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 50
    assert_refused(upload(), 413, "MB are allowed")


def test_too_many_pixels_are_refused(upload: Any, settings: Any) -> None:
    settings.IMAGE_MAX_PIXELS = 1000
    assert_refused(upload(album="New", tags="new"), 413, "64 × 48 pixels")


def test_a_body_beyond_the_limit_is_not_even_read(api: Any, alice: User, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 1000
    answer = api(alice).generic(
        "POST", URL, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH="9000000"
    )
    assert_refused(answer, 413, "at most")


def test_a_body_of_unknown_length_is_refused(api: Any, alice: User) -> None:
    answer = api(alice).post(URL, {}, headers={"Transfer-Encoding": "chunked"})
    assert_refused(answer, 411, "Content-Length")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 201),
        ("album", "x" * 201),
        ("tags", "x" * 101),
        ("visibility", "secret"),
        ("title", "a\0b"),
    ],
)
def test_a_bad_label_is_named(upload: Any, field: str, value: str) -> None:
    answer = upload(**{field: value})
    assert_refused(answer, 400, f"{field}: ")
    assert list(answer.json()["errors"]) == [field]


def test_a_broken_form_is_refused(api: Any, alice: User) -> None:
    answer = api(alice).generic("POST", URL, b"--y\r\nnonsense", "multipart/form-data")
    assert_refused(answer, 400, "")


def test_nobody_uploads_without_signing_in(api: Any, picture: Picture, db: None) -> None:
    answer = api().post(URL, {"file": picture()})
    assert_refused(answer, 401, "")
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_a_full_disk_is_told(upload: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = upload()
    assert (answer.status_code, answer.json()["title"]) == (507, "Insufficient Storage")
    assert "disk is full" in answer.json()["detail"]
    assert not Image.objects.exists()

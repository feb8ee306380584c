"""Upload without JavaScript."""

from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gallery.models import Image, StrayFile, User
from tests.conftest import Picture

SignIn = Callable[[User], Client]


def send(client: Client, *files: SimpleUploadedFile, **said: str) -> Any:
    return client.post("/upload/", {"pictures": files, "visibility": "private", **said})


def test_the_page_says_what_it_takes(sign_in: SignIn, alice: User) -> None:
    page = sign_in(alice).get("/upload/").content.decode()
    assert 'data-api="/api/v1/images/"' in page
    assert "HEIC" in page


def test_signed_out_people_are_asked_to_sign_in(client: Client, picture: Picture) -> None:
    assert send(client, picture()).headers["Location"] == "/sign-in/?next=/upload/"


def test_many_files_are_stored(sign_in: SignIn, alice: User, picture: Picture) -> None:
    send(sign_in(alice), picture("red"), picture("blue"), album="Walls", tags="a, b")
    assert Image.objects.owned_by(alice).count() == 2
    assert {tag.name for tag in Image.objects.all()[0].tags.all()} == {"a", "b"}
    assert {str(image.albums.get()) for image in Image.objects.all()} == {"Walls"}


def test_a_bad_file_leaves_the_good_ones_alone(
    sign_in: SignIn, alice: User, picture: Picture
) -> None:
    bad = SimpleUploadedFile("notes.jpg", b"plain text")
    page = send(sign_in(alice), picture("red"), bad, picture("blue")).content.decode()
    assert Image.objects.count() == 2
    assert page.count('data-state="ready"') == 2
    assert "This is not an image we can read" in page
    assert not StrayFile.objects.exists()


def test_the_same_bytes_again_are_the_image_there_is(
    sign_in: SignIn, alice: User, image: Image, picture: Picture
) -> None:
    page = send(sign_in(alice), picture("red")).content.decode()
    assert "already in your gallery" in page
    assert f'href="/images/{image.pk}/"' in page


def test_no_file_is_told_and_the_rest_is_kept(sign_in: SignIn, alice: User) -> None:
    page = send(sign_in(alice), album="Walls").content.decode()
    assert "This field is required." in page
    assert 'value="Walls"' in page


def test_a_visibility_that_is_none_stores_nothing(
    sign_in: SignIn, alice: User, picture: Picture
) -> None:
    page = send(sign_in(alice), picture(), visibility="nobody").content.decode()
    assert "not one of the available choices" in page
    assert not Image.objects.exists()


def test_too_many_files_are_told(
    sign_in: SignIn, alice: User, picture: Picture, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    response = send(sign_in(alice), picture("red"), picture("blue"))
    assert response.status_code == 400
    assert "more files or fields than this gallery takes" in response.content.decode()


def test_a_form_of_another_site_is_refused(alice: User, picture: Picture) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = send(client, picture())
    assert response.status_code == 403
    assert "Please send that again" in response.content.decode()
    assert not Image.objects.exists()

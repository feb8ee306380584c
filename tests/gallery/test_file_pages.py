"""Originals and renditions: to those who may see them, as pictures and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from gallery.ingest import store_image
from gallery.models import Image, User
from gallery.rendering import render_next
from tests.conftest import Picture

SignIn = Callable[[User], Client]

FILES = ["file/", "thumbnail.jpg", "preview.jpg"]


def ask(client: Client, image: Image, name: str, **headers: str) -> Any:
    response = client.get(f"/images/{image.pk}/{name}", headers=headers)
    if response.streaming:
        response.getvalue()
    return response


@pytest.fixture
def rendered(image: Image) -> Image:
    render_next()
    return image


@pytest.mark.parametrize("name", FILES)
def test_the_owner_gets_it(sign_in: SignIn, alice: User, rendered: Image, name: str) -> None:
    response = sign_in(alice).get(f"/images/{rendered.pk}/{name}")
    assert b"".join(response.streaming_content)[:4] in {b"\x89PNG", b"\xff\xd8\xff\xe0"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", FILES)
def test_somebody_given_access_gets_it(
    sign_in: SignIn, bob: User, rendered: Image, name: str
) -> None:
    assert ask(sign_in(bob), rendered, name).status_code == 200


@pytest.mark.parametrize("name", FILES)
def test_a_stranger_gets_404(sign_in: SignIn, charlie: User, rendered: Image, name: str) -> None:
    known = {"if_none_match": f'"{rendered.sha256}"'}
    assert ask(sign_in(charlie), rendered, name, **known).status_code == 404


@pytest.mark.parametrize("name", FILES)
def test_signed_out_people_get_404(client: Client, rendered: Image, name: str) -> None:
    assert client.get(f"/images/{rendered.pk}/{name}").status_code == 404


@pytest.mark.parametrize("name", FILES)
def test_a_browser_may_do_nothing_but_show_it(
    sign_in: SignIn, alice: User, rendered: Image, name: str
) -> None:
    headers = ask(sign_in(alice), rendered, name).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "private, max-age=3600"


@pytest.mark.parametrize("name", FILES)
def test_what_the_browser_has_is_not_sent_again(
    sign_in: SignIn, alice: User, rendered: Image, name: str
) -> None:
    client = sign_in(alice)
    etag = ask(client, rendered, name).headers["ETag"]
    again = ask(client, rendered, name, if_none_match=etag)
    assert (again.status_code, again.headers["ETag"]) == (304, etag)


@pytest.mark.parametrize("name", FILES)
def test_head_tells_without_sending(
    sign_in: SignIn, alice: User, rendered: Image, name: str
) -> None:
    response = sign_in(alice).head(f"/images/{rendered.pk}/{name}")
    assert response.status_code == 200
    assert int(response.headers["Content-Length"])
    response.close()


@pytest.mark.parametrize(
    ("kind", "mime", "disposition"),
    [
        ("PNG", "image/png", "inline"),
        ("JPEG", "image/jpeg", "inline"),
        ("TIFF", "image/tiff", "attachment"),
    ],
)
def test_the_type_is_what_the_bytes_are(
    sign_in: SignIn, alice: User, picture: Picture, kind: str, mime: str, disposition: str
) -> None:
    image, _ = store_image(alice, picture("red", name="page.html", format=kind))
    headers = ask(sign_in(alice), image, "file/").headers
    assert headers["Content-Type"] == mime
    assert headers["Content-Disposition"].startswith(f'{disposition}; filename="page.')


def test_a_download_is_asked_for(sign_in: SignIn, alice: User, image: Image) -> None:
    headers = ask(sign_in(alice), image, "file/?download=1").headers
    assert headers["Content-Disposition"] == 'attachment; filename="Red.png"'


def test_a_title_makes_a_safe_file_name(
    sign_in: SignIn, alice: User, store: Callable[..., Image]
) -> None:
    image = store("red", title='../a\r\nb"é')
    header = ask(sign_in(alice), image, "file/").headers["Content-Disposition"]
    assert header == "inline; filename*=utf-8''_a__b_%C3%A9.png"


def test_a_rendition_that_is_not_made_yet_is_404(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    assert ask(sign_in(alice), image, "thumbnail.jpg").status_code == 404


def test_a_rendition_of_no_kind_is_404(sign_in: SignIn, alice: User, rendered: Image) -> None:
    assert ask(sign_in(alice), rendered, "poster.jpg").status_code == 404


def test_a_file_that_storage_lost_is_404(sign_in: SignIn, alice: User, image: Image) -> None:
    default_storage.delete(image.stored_name)
    assert ask(sign_in(alice), image, "file/").status_code == 404

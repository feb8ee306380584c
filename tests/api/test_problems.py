"""Errors are problem details (RFC 9457), from every door of the API."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User
from tests.conftest import Picture, picture_bytes

URL = "/api/v1/images/"


def assert_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert (problem["type"], problem["title"]) == ("about:blank", HTTPStatus(status).phrase)
    assert problem["detail"]
    return problem


def test_not_found_is_a_problem(api: Any, alice: User) -> None:
    assert_problem(api(alice).get(f"{URL}1/"), 404)


def test_not_signed_in_is_a_problem(api: Any, db: None) -> None:
    answer = api().delete(f"{URL}1/")
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert "Authorization: Token" in answer.json()["detail"]


def test_another_method_is_a_problem(api: Any, alice: User) -> None:
    answer = api(alice).put(URL, {})
    assert_problem(answer, 405)
    assert answer.headers["Allow"] == "GET, POST, HEAD, OPTIONS"


def test_another_body_is_a_problem(api: Any, alice: User) -> None:
    answer = api(alice).generic("POST", URL, "<a/>", "text/xml")
    assert_problem(answer, 415)


def test_another_accept_is_a_problem(api: Any, alice: User) -> None:
    assert_problem(api(alice).get(URL, headers={"Accept": "text/html"}), 406)


def test_fields_at_fault_are_named_with_their_messages(api: Any, alice: User) -> None:
    problem = assert_problem(api(alice).get(URL, {"after": "soon", "limit": 2}), 400)
    (message,) = problem["errors"]["after"]
    assert problem["detail"] == f"after: {message}"


@pytest.mark.parametrize("method", ["get", "post", "patch", "delete"])
@pytest.mark.parametrize("path", ["", "nothing/", "images", "images/red/", "images/1/like/"])
def test_an_unknown_address_is_a_problem(api: Any, db: None, path: str, method: str) -> None:
    answer = getattr(api(), method)(f"/api/v1/{path}")
    problem = assert_problem(answer, 404)
    assert "/api/v1/schema/" in problem["detail"]


def test_what_nobody_foresaw_shows_nothing_of_its_innards(
    api: Any, alice: User, picture: Picture, settings: Any, tmp_path: Path, caplog: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.touch()
    answer = api(alice).post(URL, {"file": picture()})
    assert_problem(answer, 500)
    assert str(tmp_path) not in answer.text
    assert "NotADirectoryError" in caplog.text
    assert not Image.objects.exists()


def test_too_many_fields_are_a_problem(api: Any, alice: User) -> None:
    answer = api(alice).post(URL, {f"field-{number}": "x" for number in range(2000)})
    assert_problem(answer, 400)


def test_too_long_fields_are_a_problem(api: Any, alice: User) -> None:
    answer = api(alice).post(URL, {"title": "x" * 3_000_000})
    assert_problem(answer, 413)


def test_a_session_without_csrf_token_is_a_problem(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(URL, {"title": "x"})
    assert_problem(answer, 403)


def test_a_session_with_csrf_token_uploads(alice: User, picture: Picture) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    client.cookies["csrftoken"] = token = "x" * 32
    answer = client.post(URL, {"file": picture()}, headers={"X-CSRFToken": token})
    assert answer.status_code == 201


def test_a_large_body_of_a_session_is_refused_before_it_is_read(alice: User, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 10
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    body = picture_bytes(size=(2000, 2000), format="BMP")
    answer = client.post(URL, body, content_type="multipart/form-data; boundary=x")
    assert_problem(answer, 413)

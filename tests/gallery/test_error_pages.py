"""What people see when something can't be done."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection
from django.test import Client, RequestFactory
from django.views.defaults import permission_denied, server_error

from gallery.models import User

SignIn = Callable[[User], Client]


def test_an_address_without_page(client: Client, db: None) -> None:
    page = client.get("/nothing/")
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()


@pytest.mark.parametrize("address", ["", "edit/", "file/", "similar/", "preview.jpg"])
def test_a_number_that_is_too_large_is_no_image(sign_in: SignIn, alice: User, address: str) -> None:
    assert sign_in(alice).get(f"/images/{'9' * 40}/{address}").status_code == 404


def test_there_is_nothing_to_delete_either(sign_in: SignIn, alice: User) -> None:
    assert sign_in(alice).post(f"/images/{'9' * 40}/delete/").status_code == 404


def test_a_fault_of_ours_needs_no_database(rf: RequestFactory) -> None:
    page = server_error(rf.get("/"))
    assert page.status_code == 500
    assert "Something went wrong here" in page.content.decode()


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_without_its_database_a_page_is_worth_trying_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    client.raise_request_exception = False

    def no_cursor() -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", no_cursor)
        page, answer = client.get("/"), client.get("/api/v1/images/")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "Back in a moment" in page.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["detail"] == "The database is away for a moment. Try again shortly."


def test_what_one_may_not_do(rf: RequestFactory, alice: User) -> None:
    request = rf.get("/")
    request.user = alice
    page = permission_denied(request, PermissionDenied())
    assert page.status_code == 403
    assert "You may not do this" in page.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_pages_take_no_other_methods(client: Client, db: None, method: str) -> None:
    assert getattr(client, method)("/").status_code == 405

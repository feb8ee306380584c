"""Letting people in, and looking after those who are here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gallery.models import Invitation, Role, User

SignIn = Callable[[User], Client]
NEW = {
    "username": "dora",
    "password1": "quite-a-new-secret",
    "password2": "quite-a-new-secret",
}


@pytest.fixture
def manager(bob: User) -> User:
    bob.take_role(Role.MANAGER)
    return bob


def invited(manager: User, role: str = Role.VIEWER) -> str:
    """The address of a new invitation."""
    return f"/join/{Invitation(made_by=manager, role=role).issue()}/"


@pytest.mark.parametrize("address", ["", "invite/", "1/role/", "1/reset-link/"])
def test_it_is_for_managers(sign_in: SignIn, charlie: User, address: str) -> None:
    client = sign_in(charlie)
    method = client.post if address else client.get
    assert method(f"/people/{address}").status_code == 403


def test_a_link_is_shown_once_and_lets_one_in(sign_in: SignIn, manager: User) -> None:
    page: Any = sign_in(manager).post("/people/invite/", {"note": "Dora", "role": "viewer"})
    link = page.context["invitation_link"].removeprefix("http://testserver")
    assert link in page.text
    assert link not in sign_in(manager).get("/people/").text
    guest = Client()
    assert guest.post(link, NEW).headers["Location"] == "/"
    assert guest.get("/account/").status_code == 200
    assert User.objects.get(username="dora").given_role == Role.VIEWER


def test_only_a_digest_of_the_link_is_stored(manager: User) -> None:
    address = invited(manager)
    assert Invitation.objects.get().digest not in address


def test_a_link_works_once(manager: User) -> None:
    address = invited(manager)
    Client().post(address, NEW)
    assert Client().get(address).status_code == 404
    assert Client().post(address, {**NEW, "username": "eve"}).status_code == 404
    assert not User.objects.filter(username="eve").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda: Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        lambda: User.objects.update(is_active=False),
        lambda: Invitation.objects.all().delete(),
    ],
)
def test_a_link_ends(client: Client, manager: User, change: Callable[[], Any]) -> None:
    address = invited(manager)
    assert client.get(address).status_code == 200
    change()
    assert client.get(address).status_code == 404


def test_a_poor_password_or_a_taken_name_uses_nothing_up(client: Client, manager: User) -> None:
    address = invited(manager)
    page = client.post(address, {"username": "BOB", "password1": "1", "password2": "1"}).text
    assert "Somebody here is called that already." in page
    assert "This password is too short." in page
    assert client.get(address).status_code == 200


def test_an_invitation_is_revoked(sign_in: SignIn, manager: User) -> None:
    address = invited(manager)
    client = sign_in(manager)
    client.post(f"/people/invitations/{Invitation.objects.get().pk}/revoke/")
    assert client.get(address).status_code == 404


def test_signing_up_is_off_unless_it_is_set(client: Client, db: None, settings: Any) -> None:
    assert client.post("/sign-up/", NEW).status_code == 404
    assert "Sign up" not in client.get("/sign-in/").text
    settings.SIGN_UP = "viewer"
    assert "Sign up" in client.get("/sign-in/").text
    client.post("/sign-up/", NEW)
    assert User.objects.get(username="dora").given_role == Role.VIEWER


def test_a_manager_changes_a_role(sign_in: SignIn, manager: User, charlie: User) -> None:
    sign_in(manager).post(f"/people/{charlie.pk}/role/", {"role": "viewer"})
    charlie.refresh_from_db()
    assert charlie.given_role == Role.VIEWER


def test_a_link_for_a_new_password(sign_in: SignIn, manager: User, charlie: User) -> None:
    page: Any = sign_in(manager).post(f"/people/{charlie.pk}/reset-link/")
    link = page.context["reset_link"].removeprefix("http://testserver")
    form = Client().get(link, follow=True)
    assert "Set a new password" in form.text


def test_nobody_reaches_their_own_level_or_above(sign_in: SignIn, manager: User) -> None:
    root = User.objects.create_superuser("root")
    other = User.objects.create_user("erin")
    other.take_role(Role.MANAGER)
    client = sign_in(manager)
    for person in (root, other, manager):
        assert client.post(f"/people/{person.pk}/reset-link/").status_code == 404
        assert client.post(f"/people/{person.pk}/role/", {"role": "viewer"}).status_code == 404


def test_an_administrator_reaches_everybody_else(admin: Client, manager: User) -> None:
    assert admin.post(f"/people/{manager.pk}/reset-link/").status_code == 200

"""Coming in and going out."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from gallery.limits import may_try, sign_in_doors
from gallery.models import Attempts, User

SignIn = Callable[[User], Client]


def test_the_right_password_leads_where_one_was_going(client: Client, alice: User) -> None:
    said = {"username": "alice", "password": "alice-secret", "next": "/upload/"}
    assert client.post("/sign-in/", said).headers["Location"] == "/upload/"


def test_it_leads_to_no_other_site(client: Client, alice: User) -> None:
    said = {"username": "alice", "password": "alice-secret", "next": "https://evil.example/"}
    assert client.post("/sign-in/", said).headers["Location"] == "/"


def test_a_wrong_password_is_told_and_the_name_is_kept(client: Client, alice: User) -> None:
    page = client.post("/sign-in/", {"username": "alice", "password": "x"}).content.decode()
    assert "Please enter a correct username and password" in page
    assert 'value="alice"' in page


def attempt(client: Client, door: str, name: str, password: str, address: str) -> int:
    said = {"username": name, "password": password}
    return int(client.post(door, said, REMOTE_ADDR=address).status_code)


@pytest.mark.parametrize("door", ["/sign-in/", "/admin/login/"])
def test_a_password_can_not_be_guessed_for_long(client: Client, admin: Client, door: str) -> None:
    client = Client()
    for _ in range(10):
        assert attempt(client, door, "root", "x", "10.0.0.1") == 200
    assert attempt(client, door, "root", "root-secret", "10.0.0.1") == 200
    page = client.post(door, {"username": "ROOT", "password": "x"}, REMOTE_ADDR="10.0.0.1")
    assert "Too many attempts." in page.text


def test_nobody_locks_out_somebody_elsewhere(client: Client, alice: User) -> None:
    for _ in range(11):
        attempt(client, "/sign-in/", "alice", "x", "10.0.0.1")
    assert attempt(client, "/sign-in/", "alice", "alice-secret", "10.0.0.2") == 302


def test_what_was_right_is_not_counted(client: Client, alice: User) -> None:
    for _ in range(12):
        assert attempt(Client(), "/sign-in/", "alice", "alice-secret", "10.0.0.1") == 302
    assert Attempts.objects.filter(count=0).count() == 2


def test_attempts_are_forgotten_after_a_while(client: Client, alice: User) -> None:
    for _ in range(11):
        attempt(client, "/sign-in/", "alice", "x", "10.0.0.1")
    Attempts.objects.update(until=timezone.now())
    assert attempt(client, "/sign-in/", "alice", "alice-secret", "10.0.0.1") == 302


def test_many_names_from_one_place_are_too_many(client: Client, db: None) -> None:
    assert all(may_try(sign_in_doors(str(number), "10.0.0.1")) for number in range(100))
    assert not may_try(sign_in_doors("another", "10.0.0.1"))


def test_signing_out_is_a_post(sign_in: SignIn, alice: User) -> None:
    client = sign_in(alice)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_pages_run_nothing_that_is_not_ours(client: Client, db: None) -> None:
    response = client.get("/sign-in/")
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert "<style" not in response.content.decode()
    assert " style=" not in response.content.decode()

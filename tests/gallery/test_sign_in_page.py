"""Coming in and going out."""

from collections.abc import Callable

from django.test import Client

from gallery.models import User

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

"""One's own account: name, places where one is signed in, tokens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gallery.models import ApiToken, Session, User

SignIn = Callable[[User], Client]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def signed_in_with(browser: str) -> Client:
    client = Client(headers={"User-Agent": browser})
    client.post("/sign-in/", {"username": "alice", "password": "alice-secret"})
    return client


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/account/"),
        ("get", "/account/password/"),
        ("post", "/account/tokens/"),
        ("post", "/account/sign-out-elsewhere/"),
    ],
)
def test_signed_out_people_are_asked_to_sign_in(
    client: Client, db: None, method: str, address: str
) -> None:
    assert getattr(client, method)(address).headers["Location"] == f"/sign-in/?next={address}"


def test_a_name_and_an_address_are_saved(sign_in: SignIn, alice: User) -> None:
    sign_in(alice).post("/account/", {"first_name": "Alice", "email": "alice@example.org"})
    alice.refresh_from_db()
    assert (alice.first_name, alice.email) == ("Alice", "alice@example.org")


def test_sessions_say_which_browser_when_and_where(alice: User, bob: User) -> None:
    page = signed_in_with(FIREFOX).get("/account/").text
    assert "Firefox on Linux" in page
    assert "127.0.0.1" in page
    assert page.count("this one") == 1
    assert "Sign out elsewhere" not in page


def test_signing_out_elsewhere_leaves_one_signed_in_here(alice: User) -> None:
    here, elsewhere = signed_in_with(FIREFOX), signed_in_with("curl/8")
    assert "curl" in here.get("/account/").text
    here.post("/account/sign-out-elsewhere/")
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_others_stay_signed_in(sign_in: SignIn, alice: User, bob: User) -> None:
    other = Client()
    other.force_login(bob)
    sign_in(alice).post("/account/sign-out-elsewhere/")
    assert other.get("/account/").status_code == 200


def test_a_visit_is_noted_now_and_then(sign_in: SignIn, alice: User) -> None:
    client = sign_in(alice)
    session = client.session
    session["seen_at"] = (timezone.now() - timedelta(hours=1)).isoformat()
    session.save()
    client.get("/")
    seen = Session.objects.get(user=alice).seen_at
    assert seen
    assert timezone.now() - seen < timedelta(seconds=10)


def test_a_token_is_shown_once_and_works(sign_in: SignIn, alice: User) -> None:
    client = sign_in(alice)
    made: Any = client.post("/account/tokens/", {"name": "phone"})
    key = made.context["new_key"]
    assert key in made.text
    assert "no-store" in made.headers["Cache-Control"]
    assert key not in client.get("/account/").text
    assert ApiToken.objects.matching(key).get().name == "phone"


def test_a_token_is_revoked_by_its_owner(sign_in: SignIn, alice: User, bob: User) -> None:
    key = ApiToken.issue(alice, "phone")
    address = f"/account/tokens/{ApiToken.objects.get().pk}/revoke/"
    assert sign_in(bob).post(address).status_code == 404
    assert ApiToken.objects.matching(key).exists()
    sign_in(alice).post(address)
    assert not ApiToken.objects.exists()


def test_a_token_needs_a_name(sign_in: SignIn, alice: User) -> None:
    assert "This field is required." in sign_in(alice).post("/account/tokens/").text
    assert not ApiToken.objects.exists()


def test_nobody_sees_the_sessions_and_tokens_of_others(
    sign_in: SignIn, alice: User, charlie: User
) -> None:
    signed_in_with(FIREFOX)
    ApiToken.issue(alice, "phone")
    page = sign_in(charlie).get("/account/").text
    assert "Firefox" not in page
    assert "phone</b>" not in page

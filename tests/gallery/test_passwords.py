"""Changing a password, and getting a new one by mail."""

import re
from typing import Any

from django.core import mail
from django.test import Client

from gallery.models import User

NEW = {"new_password1": "quite-a-new-secret", "new_password2": "quite-a-new-secret"}


def signed_in() -> Client:
    client = Client()
    client.post("/sign-in/", {"username": "alice", "password": "alice-secret"})
    return client


def test_a_changed_password_signs_one_out_elsewhere(alice: User) -> None:
    here, elsewhere = signed_in(), signed_in()
    here.post("/account/password/", {"old_password": "alice-secret", **NEW})
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert alice.sessions.count() == 1


def test_the_old_password_is_needed(alice: User) -> None:
    page = signed_in().post("/account/password/", {"old_password": "x", **NEW}).text
    assert "old password was entered incorrectly" in page
    alice.refresh_from_db()
    assert alice.check_password("alice-secret")


def test_a_forgotten_password_is_set_by_a_link_that_works_once(
    client: Client, alice: User, settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    User.objects.update(email="alice@example.org")
    client.post("/password/", {"email": "alice@example.org"})
    (address,) = re.findall(r"http://testserver(/password/\S+)", str(mail.outbox[0].body))
    form = client.get(address, follow=True)
    client.post(form.redirect_chain[-1][0], NEW)
    alice.refresh_from_db()
    assert alice.check_password("quite-a-new-secret")
    assert "no longer good" in Client().get(address).text


def test_who_has_an_account_is_not_told(client: Client, alice: User, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    page = client.post("/password/", {"email": "nobody@example.org"}, follow=True)
    assert "If somebody here has this e-mail address" in page.text
    assert mail.outbox == []


def test_mails_can_not_be_asked_for_at_will(client: Client, db: None, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    for _ in range(10):
        assert client.post("/password/", {"email": "a@example.org"}).status_code == 302
    assert "Too many attempts" in client.post("/password/", {"email": "a@example.org"}).text


def test_without_mail_people_are_told_whom_to_ask(client: Client, db: None) -> None:
    page = client.get("/password/").text
    assert "sends no mail" in page
    assert "<form" not in page.partition("<main")[2]

"""`Authorization: Token …`, and the command that issues one."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.test import APIClient

from gallery.models import ApiToken, Image, User

URL = "/api/v1/images/"


@pytest.fixture
def key(alice: User) -> str:
    return ApiToken.issue(alice)


def client_with(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {key}")
    return client


def test_a_token_opens_what_its_owner_may_see(key: str, image: Image) -> None:
    answer = client_with(key).get(f"{URL}{image.pk}/")
    assert answer.json()["owner"] == "alice"


def test_a_token_needs_no_csrf_token(key: str, image: Image) -> None:
    client = APIClient(enforce_csrf_checks=True)
    answer = client.delete(f"{URL}{image.pk}/", headers={"Authorization": f"Token {key}"})
    assert answer.status_code == 204


def test_only_a_digest_is_stored(key: str) -> None:
    token = ApiToken.objects.get()
    assert key not in str(token.__dict__)
    assert len(token.digest) == 64


@pytest.mark.parametrize("wrong", ["", "nonsense", "two words", "é"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(db: None, wrong: str) -> None:
    answer = client_with(wrong).get(URL)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_a_token_of_someone_inactive_opens_nothing(key: str, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client_with(key).get(URL).status_code == 401


def test_a_digest_is_no_token(key: str) -> None:
    assert client_with(ApiToken.objects.get().digest).get(URL).status_code == 401


def test_its_use_is_noted(key: str) -> None:
    client_with(key).get(URL)
    used = ApiToken.objects.get().last_used_at
    assert used is not None
    assert timezone.now() - used < timedelta(seconds=10)


def test_its_use_is_noted_once_a_minute(key: str) -> None:
    just_now = timezone.now() - timedelta(seconds=50)
    ApiToken.objects.update(last_used_at=just_now)
    client_with(key).get(URL)
    assert ApiToken.objects.get().last_used_at == just_now
    ApiToken.objects.update(last_used_at=just_now - timedelta(seconds=20))
    client_with(key).get(URL)
    assert ApiToken.objects.filter(last_used_at__gt=just_now).exists()


def issue(name: str) -> str:
    out = StringIO()
    call_command("api_token", name, stdout=out)
    return out.getvalue()


def test_the_command_prints_a_token_alone(alice: User, image: Image) -> None:
    printed = issue("alice")
    (key,) = printed.split()
    assert printed == f"{key}\n"
    assert client_with(key).get(f"{URL}{image.pk}/").status_code == 200


def test_a_second_token_leaves_the_first_valid(key: str) -> None:
    issue("alice")
    assert client_with(key).get(URL).status_code == 200


def test_the_command_names_the_remedy_for_an_unknown_name(db: None) -> None:
    with pytest.raises(CommandError, match="createsuperuser"):
        issue("nobody")


def test_the_command_refuses_someone_inactive(alice: User) -> None:
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="not active"):
        issue("alice")

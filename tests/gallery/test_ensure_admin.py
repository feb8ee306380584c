"""`manage.py ensure_admin` makes an administrator for a gallery that has nobody yet."""

import re
from io import StringIO

import pytest
from django.core.management import call_command

from gallery.models import User


class ClosedTerminal(StringIO):
    def flush(self) -> None:
        raise BrokenPipeError


def ensure_admin() -> str:
    out = StringIO()
    call_command("ensure_admin", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_the_first_start_shows_a_password_that_works() -> None:
    password = re.search(r"Password: (\S+)", ensure_admin())
    admin = User.objects.get(username="admin")
    assert password
    assert admin.check_password(password[1])
    assert admin.is_superuser


@pytest.mark.django_db
def test_a_second_start_shows_and_changes_nothing() -> None:
    ensure_admin()
    before = User.objects.get().password
    assert ensure_admin() == ""
    assert User.objects.get().password == before


def test_a_gallery_that_has_somebody_gets_no_administrator(alice: User) -> None:
    assert ensure_admin() == ""
    assert User.objects.get() == alice


@pytest.mark.django_db
def test_an_administrator_whose_password_nobody_saw_is_not_kept() -> None:
    with pytest.raises(BrokenPipeError):
        call_command("ensure_admin", stdout=ClosedTerminal())
    assert not User.objects.exists()

"""Work that outlasts a restarted database."""

import pytest
from django.db import OperationalError, connection

from gallery.models import User
from gallery.patience import patiently


@pytest.mark.django_db(transaction=True)
def test_work_whose_connection_was_cut_is_begun_anew() -> None:
    runs = []

    def count_users() -> int:
        runs.append(1)
        if len(runs) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return User.objects.count()

    assert patiently(count_users) == 0
    assert len(runs) == 2


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_is_told() -> None:
    def fail() -> None:
        raise OperationalError("away")

    with pytest.raises(OperationalError, match="away"):
        patiently(fail, seconds=0.1)

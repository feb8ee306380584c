"""Rows as a queue: claiming, leases, attempts. Shown on renderings."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from gallery.models import Image, Rendering, State
from gallery.models.work import MAX_ATTEMPTS

Store = Callable[..., Image]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def three(store: Store) -> list[Rendering]:
    return [Rendering.objects.get(image=store(color)) for color in ("red", "green", "blue")]


def claim(limit: int = 10, lease: timedelta = MINUTE) -> list[int]:
    return [rendering.pk for rendering in Rendering.objects.claim(limit, lease)]


def keys(renderings: list[Rendering]) -> list[int]:
    return [rendering.pk for rendering in renderings]


def test_the_oldest_are_claimed_first(three: list[Rendering]) -> None:
    assert claim(2) == keys(three[:2])
    assert claim(2) == keys(three[2:])
    assert claim(2) == []


def test_what_a_person_waits_for_goes_first(three: list[Rendering]) -> None:
    Rendering.objects.filter(pk=three[2].pk).update(wanted=True)
    assert claim(2) == [three[2].pk, three[0].pk]


def test_the_attempt_is_counted_before_the_work(three: list[Rendering]) -> None:
    (claimed,) = Rendering.objects.claim(1, MINUTE)
    assert claimed.attempts == 1
    claimed.refresh_from_db()
    assert claimed.attempts == 1
    assert claimed.leased_until is not None
    assert timezone.now() < claimed.leased_until < timezone.now() + 2 * MINUTE


def test_what_is_leased_is_left_alone_until_the_lease_ends(three: list[Rendering]) -> None:
    assert len(claim()) == 3
    assert claim() == []
    Rendering.objects.filter(pk=three[1].pk).update(leased_until=timezone.now() - MINUTE)
    assert claim() == [three[1].pk]


def test_a_lease_can_be_renewed(three: list[Rendering]) -> None:
    claim(lease=timedelta(seconds=-1))
    assert Rendering.objects.all().renew(MINUTE) == 3
    assert claim() == []


def test_what_is_done_is_not_claimed(three: list[Rendering]) -> None:
    Rendering.objects.filter(pk=three[0].pk).succeed()
    Rendering.objects.filter(pk=three[1].pk).fail("It broke.")
    assert claim() == [three[2].pk]


def test_what_was_tried_before_travels_alone(three: list[Rendering]) -> None:
    Rendering.objects.filter(pk=three[0].pk).update(attempts=1)
    assert claim() == [three[0].pk]
    assert claim() == keys(three[1:])


def test_a_batch_leaves_out_what_was_tried_before(three: list[Rendering]) -> None:
    Rendering.objects.filter(pk=three[1].pk).update(attempts=1)
    assert claim() == [three[0].pk, three[2].pk]
    assert claim() == [three[1].pk]


def test_after_three_attempts_an_item_is_exhausted(three: list[Rendering]) -> None:
    for attempt in range(MAX_ATTEMPTS):
        assert three[0].pk in claim(lease=timedelta(seconds=-1)), attempt
        Rendering.objects.exclude(pk=three[0].pk).succeed()
    assert claim() == []
    assert [item.pk for item in Rendering.objects.exhausted()] == [three[0].pk]


def test_the_last_attempt_may_take_its_time(three: list[Rendering]) -> None:
    Rendering.objects.update(attempts=MAX_ATTEMPTS, leased_until=timezone.now() + MINUTE)
    assert not Rendering.objects.exhausted().exists()


def test_a_retry_starts_anew(three: list[Rendering]) -> None:
    Rendering.objects.update(attempts=MAX_ATTEMPTS)
    Rendering.objects.all().fail("It broke.")
    assert Rendering.objects.failed().retry() == 3
    assert len(claim()) == 3
    assert set(Rendering.objects.values_list("state", "error", "attempts")) == {
        (State.PENDING, "", 1)
    }


def test_success_forgets_what_went_before(three: list[Rendering]) -> None:
    Rendering.objects.update(error="Once.", wanted=True)
    claim()
    assert Rendering.objects.all().succeed() == 3
    item = Rendering.objects.first()
    assert item is not None
    assert (item.state, item.error, item.wanted, item.leased_until) == (
        State.READY,
        "",
        False,
        None,
    )


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_holds_is_skipped(three: list[Rendering]) -> None:
    found: list[int] = []

    def other_worker() -> None:
        found.extend(claim(2))
        connection.close()

    with transaction.atomic():
        held = list(Rendering.objects.order_by("pk").select_for_update()[:1])
        thread = Thread(target=other_worker)
        thread.start()
        thread.join()
    assert found == keys(three[1:])
    assert held[0].pk not in found


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same(store: Store) -> None:
    for number in range(20):
        store((number * 10, 0, 0))
    barrier, found = Barrier(4), list[int]()

    def worker() -> None:
        barrier.wait()
        while claimed := claim(3):
            found.extend(claimed)
        connection.close()

    threads = [Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    assert len(set(found)) == 20

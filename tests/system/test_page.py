"""The system page tells those who run the gallery what waits, why, and what may be done."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gallery.integrity.checking import check_gallery
from gallery.models import Image, Rendering, State, User
from retrieval_site.system import backlogs
from search.models import Embedding, Encoder
from tests.system.conftest import Works

SYSTEM, NOW, REST, RETRY = (
    reverse(f"system:{name}") for name in ("system", "now", "rest", "retry")
)
Store = Callable[..., Image]


@pytest.fixture
def manager(db: None) -> User:
    """On the staff, and no superuser."""
    manager = User.objects.create_user("manager", password="manager-secret", is_staff=True)
    manager.user_permissions.add(Permission.objects.get(codename="view_system"))
    return manager


@pytest.fixture
def broken(image: Image, embed: Callable[..., None]) -> Image:
    embed(image)
    Embedding.objects.filter(image=image).fail("The file ends too early.", vector=None)
    return image


def test_there_is_no_such_page_for_others(client: Client, alice: User, manager: User) -> None:
    assert client.get(SYSTEM)["Location"] == f"/sign-in/?next={SYSTEM}"
    client.force_login(alice)
    assert [client.get(address).status_code for address in (SYSTEM, NOW, REST)] == [404] * 3
    assert client.post(RETRY, {"kind": "embeddings"}).status_code == 404
    User.objects.filter(pk=manager.pk).update(is_staff=False)
    client.force_login(manager)
    assert client.get(SYSTEM).status_code == 404


def test_a_page_left_open_signs_in_anew(client: Client, db: None) -> None:
    answer = client.get(NOW, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")


def test_a_manager_finds_the_page_in_menu_and_admin(
    client: Client, manager: User, staffed: None
) -> None:
    client.force_login(manager)
    for address in ("/", reverse("admin:index")):
        assert f'href="{SYSTEM}"' in client.get(address).text
    assert client.get(SYSTEM).context["problems"] == []


def test_who_has_no_part_in_running_it_gets_no_link(client: Client, manager: User) -> None:
    manager.user_permissions.clear()
    client.force_login(manager)
    for address in ("/", reverse("admin:index")):
        assert SYSTEM not in client.get(address).text


def test_what_waits_is_told_with_its_cause(admin: Client, image: Image, works: Works) -> None:
    works("media", "sweep", "media")
    works("beat")
    Embedding.objects.create(image=image, encoder=Encoder.objects.get(name="tiny"))
    Embedding.objects.update(changed_at=image.created_at - timedelta(hours=2))
    text = admin.get(NOW).text
    assert "2 h" in text
    assert "No worker listens on “embed”." in text
    assert "No worker listens on query, embed, train." in text


def test_what_workers_are_at_stands_in_no_other_encoders_line(
    image: Image, other: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlogs, "HEAD", 1)
    for encoder in (other, Encoder.objects.get(name="tiny")):
        Embedding.objects.create(image=image, encoder=encoder)
    Embedding.objects.exclude(encoder=other).claim(1, timedelta(minutes=1))
    leased = [backlog.leased for backlog in backlogs.embedding_backlogs()]
    assert leased == [1, 0]


def test_workers_tell_what_they_are_at(admin: Client, works: Works) -> None:
    works("encoder", "query", "embed", tasks=[{"name": "search.tasks.embed_pending", "since": 1}])
    works("gone", "media", silent_for=timedelta(minutes=4))
    text = admin.get(NOW).text
    assert "embed pending, for" in text
    assert "4 min" in text
    assert "fell silent" in text


def test_failures_are_grouped_by_their_reason(
    admin: Client, broken: Image, store: Store, embed: Callable[..., None]
) -> None:
    more = [store(color) for color in ("blue", "green")]
    embed(*more)
    Embedding.objects.filter(image__in=more).fail("The file ends too early.", vector=None)
    Rendering.objects.filter(image=broken).fail("It can't be shown.")
    told = [(f.kind.slug, f.reason, f.count) for f in admin.get(REST).context["failures"]]
    assert told == [
        ("embeddings", "The file ends too early.", 3),
        ("renditions", "It can't be shown.", 1),
    ]


def test_what_failed_for_one_reason_is_tried_again(admin: Client, broken: Image) -> None:
    data = {"kind": "embeddings", "reason": "The file ends too early."}
    answer = admin.post(RETRY, data, follow=True)
    assert "1 image waits for a worker." in answer.text
    assert Embedding.objects.get().state == State.PENDING


def test_another_reason_is_left_alone(admin: Client, broken: Image) -> None:
    admin.post(RETRY, {"kind": "embeddings", "reason": "The file"})
    assert Embedding.objects.get().state == State.FAILED


def test_looking_is_no_permission_to_retry(client: Client, manager: User, broken: Image) -> None:
    client.force_login(manager)
    assert "Retry" not in client.get(SYSTEM).text
    data = {"kind": "embeddings", "reason": "The file ends too early."}
    assert client.post(RETRY, data).status_code == 403
    assert Embedding.objects.get().state == State.FAILED


def test_coverage_counts_what_failed_and_what_waits(
    admin: Client, broken: Image, store: Store, embed: Callable[..., None]
) -> None:
    made, anew = store("blue"), store("green")
    embed(made, anew)
    Embedding.objects.filter(image=anew).retry()
    store("white")
    (space,) = admin.get(REST).context["encoders"]
    assert (space.coverage.ready, space.coverage.failed, space.coverage.waiting) == (2, 1, 1)


def test_the_last_look_whether_all_is_whole_is_told(admin: Client, image: Image) -> None:
    assert "not looked yet" in admin.get(REST).text
    default_storage.delete(image.stored_name)
    check_gallery()
    text = admin.get(REST).text
    assert "images looked at: 1, in 1 s; left to see to: 1." in text


def test_space_is_told_in_bytes(admin: Client, image: Image) -> None:
    cache.clear()
    ctx = admin.get(REST).context
    assert ctx["disk"].originals == image.byte_size
    assert 0 < ctx["disk"].free < ctx["disk"].total
    assert ctx["database"].whole > ctx["database"].embeddings > 0


def test_looking_costs_the_same_however_much_there_is(
    admin: Client,
    store: Store,
    embed: Callable[..., None],
    staffed: None,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    embed(*[store(color) for color in ("red", "green", "blue", "white")])
    with django_assert_max_num_queries(34):
        admin.get(NOW)
    with django_assert_max_num_queries(20):
        admin.get(REST)

"""The orders of the grid, its days, and the ways through a long list."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from gallery.models import Image, User
from gallery.orders import ORDERS
from gallery.views import grid

SignIn = Callable[[User], Client]
Store = Callable[..., Image]
ASCENDING = {"oldest", "title"}


def titles(client: Client, query: str = "", **headers: str) -> list[str]:
    page = client.get(f"/{query}", headers=headers)
    return [image.title for image in page.context["images"]]


@pytest.fixture
def days(store: Store) -> list[Image]:
    """Five images: two of one day, one of each of two other months, one with no date but 2020's."""
    taken = [(2024, 5, 2, 9), (2024, 5, 2, 23), (2024, 4, 30, 12), (2019, 12, 31, 23), None]
    images = []
    for number, moment in enumerate(taken):
        image = store((number, 0, 0), title="bdACe"[number], album="All", tags=["photo"])
        Image.objects.filter(pk=image.pk).update(
            taken_at=datetime(*moment, tzinfo=UTC) if moment else None,
            created_at=datetime(2020, 1, 1 + number, tzinfo=UTC),
            byte_size=100 - number,
        )
        images.append(image)
    return images


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", "dbAeC"),
        ("?sort=oldest", "CeAbd"),
        ("?sort=uploaded", "eCAdb"),
        ("?sort=title", "AbCde"),
        ("?sort=largest", "bdACe"),
        ("?q=photo", "dbAeC"),
        ("?q=photo&sort=title", "AbCde"),
    ],
)
def test_orders(sign_in: SignIn, alice: User, days: list[Image], query: str, order: str) -> None:
    assert "".join(titles(sign_in(alice), query)) == order


@pytest.mark.parametrize("sort", [*ORDERS])
def test_every_order_is_paged_forth_and_back(
    sign_in: SignIn,
    alice: User,
    days: list[Image],
    sort: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grid, "PAGE_SIZE", 2)
    client = sign_in(alice)
    said = {"relevant": {"q": "photo"}, "hand": {"album": "All"}}.get(sort, {"sort": sort})
    pages = [client.get("/", said).context]
    while until := pages[-1]["until"]:
        pages.append(client.get("/", {**said, "until": until}).context)
    assert [len(page["images"]) for page in pages] == [2, 2, 1]
    assert len({image.pk for page in pages for image in page["images"]}) == 5
    back = client.get("/", {**said, "since": pages[2]["since"]}).context
    assert back["images"] == pages[1]["images"]
    assert back["since"] == pages[1]["since"]
    assert client.get("/", {**said, "since": back["since"]}).context["since"] is None
    again = client.get("/", {**said, "at": pages[1]["since"]}).context
    assert again["images"] == pages[1]["images"]


@pytest.mark.parametrize("place", ["x", "", "²", "9" * 5000, "1_", "99999999999999999_1", "1_%00"])
@pytest.mark.parametrize("sort", ["", "title"])
def test_what_is_no_place_begins_at_the_start(
    sign_in: SignIn, alice: User, image: Image, place: str, sort: str
) -> None:
    client = sign_in(alice)
    for name in ("until", "month"):
        assert client.get(f"/?{name}={place}&sort={sort}").status_code == 200
    assert titles(client, f"?until={place}") == ["Red"]


def test_pictures_stand_under_their_days(sign_in: SignIn, alice: User, days: list[Image]) -> None:
    page = sign_in(alice).get("/")
    found = [(str(day.date), len(day.images)) for day in page.context["days"]]
    assert found == [("2024-05-02", 2), ("2024-04-30", 1), ("2020-01-05", 1), ("2019-12-31", 1)]
    assert "Thursday, May 2, 2024" in page.content.decode()


def test_days_are_those_of_the_time_zone(sign_in: SignIn, alice: User, days: list[Image]) -> None:
    client = sign_in(alice)
    with timezone.override("Asia/Tokyo"):
        page = client.get("/").context
    assert [str(day.date) for day in page["days"]][:2] == ["2024-05-03", "2024-05-02"]
    assert [year.number for year in page["years"]] == [2024, 2020]


def test_a_day_is_not_begun_twice(
    sign_in: SignIn, alice: User, days: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "PAGE_SIZE", 1)
    client = sign_in(alice)
    until = client.get("/").context["until"]
    for headers, is_continued in (({}, False), ({"HX-Request": "true"}, True)):
        page = client.get("/", {"until": until}, headers=headers)
        assert page.context["days"][0].is_continued == is_continued
        assert ("<h1" in page.content.decode()) != is_continued


def test_the_timeline_counts_what_one_may_see(
    sign_in: SignIn, alice: User, charlie: User, days: list[Image]
) -> None:
    Image.objects.filter(pk=days[2].pk).update(visibility="members")
    years = sign_in(alice).get("/").context["years"]
    found = [(month.name, month.count) for year in years for month in year.months]
    assert found == [("2024-05", 2), ("2024-04", 1), ("2020-01", 1), ("2019-12", 1)]
    years = sign_in(charlie).get("/").context["years"]
    assert [month.name for year in years for month in year.months] == ["2024-04"]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("?month=2024-05", "dbAeC"),
        ("?month=2024-04", "AeC"),
        ("?month=2021-01", "eC"),
        ("?month=2019-12", "C"),
        ("?month=2024-04&sort=oldest", "Abd"),
        ("?month=2019-12&sort=title", "AbCde"),
        ("?month=9999-12", "dbAeC"),
        ("?month=2024-13", "dbAeC"),
    ],
)
def test_a_month_is_where_the_list_begins(
    sign_in: SignIn, alice: User, days: list[Image], query: str, order: str
) -> None:
    page = sign_in(alice).get(f"/{query}")
    assert "".join(image.title for image in page.context["images"]) == order
    assert ("What comes before" in page.content.decode()) == (len(order) < 5)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?visibility=private", 5),
        ("?visibility=public", 0),
        ("?state=pending", 4),
        ("?state=failed", 1),
        ("?state=ready", 0),
        ("?q=phot", 5),
        ("?q=nothing", 0),
    ],
)
def test_filters_of_the_grid(
    sign_in: SignIn, alice: User, days: list[Image], query: str, found: int
) -> None:
    days[0].rendering.__class__.objects.filter(image=days[0]).fail("Cut off.")
    page = sign_in(alice).get(f"/{query}")
    assert len(page.context["images"]) == found
    name = query[1:].partition("=")[0]
    assert [chip.without for chip in page.context["chips"]] == [f"?{name}="]


def test_an_image_is_ready_when_it_can_be_found(
    sign_in: SignIn, alice: User, image: Image, embed: Any
) -> None:
    image.rendering.__class__.objects.succeed(color="#ff0000")
    client = sign_in(alice)
    embed(image)
    assert titles(client, "?state=ready") == ["Red"]
    image.embeddings.fail("Broken.", vector=None)
    assert titles(client, "?state=ready") == []
    assert titles(client, "?state=failed") == ["Red"]

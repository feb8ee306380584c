"""Near-identical results are one result, which opens."""

import re
from collections.abc import Callable
from html import unescape
from itertools import chain
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User, Visibility
from search import finding
from search.grouping import grouped
from search.models import DistanceScale, Encoder

SignIn = Callable[[User], Client]
Store = Callable[..., Image]
Embed = Callable[..., None]


@pytest.fixture
def scale(tiny: Encoder) -> DistanceScale:
    """Five in a hundred pairs are within 0.2, so what is within 0.06 is near-identical."""
    return DistanceScale.objects.create(
        encoder=tiny, quantiles=[number / 25 for number in range(101)], images=500
    )


@pytest.fixture
def shots(store: Store, embed: Embed, scale: DistanceScale) -> dict[str, Image]:
    """Alice's red, three shots of one orange, two of one blue, and a green that is alone."""
    colors = {
        "red": (255, 0, 0),
        "orange": (255, 90, 0),
        "orange 2": (255, 92, 0),
        "orange 3": (255, 94, 0),
        "green": (0, 255, 0),
        "blue": (40, 0, 255),
        "blue 2": (38, 0, 255),
    }
    images = {
        title: store(color, title=title, tags=["second"] if title.endswith("2") else [])
        for title, color in colors.items()
    }
    embed(*images.values())
    return images


def answer(client: Client, image: Image, query: str = "") -> list[tuple[str, int]]:
    """Each result's title and how many it stands for."""
    page = client.get(f"/images/{image.pk}/similar/{query}")
    assert page.status_code == 200
    found = page.context["neighbours"].results
    return [(one.image.title, len(one.alike or ())) for one in found]


def test_the_nearest_stands_for_the_others(
    sign_in: SignIn, alice: User, shots: dict[str, Image]
) -> None:
    page = sign_in(alice).get(f"/images/{shots['red'].pk}/similar/").text
    assert '>+2<span class="alike-word"> alike</span></a>' in page
    assert 'alt="orange 2"' not in page
    assert answer(sign_in(alice), shots["red"]) == [("orange", 2), ("blue", 1), ("green", 0)]


def test_it_opens_and_closes_by_its_address(
    sign_in: SignIn, alice: User, shots: dict[str, Image]
) -> None:
    client, orange = sign_in(alice), shots["orange"].pk
    address = f"/images/{shots['red'].pk}/similar/"
    assert (
        f'href="?limit=9&amp;open={orange}#tile-{orange}"' in client.get(f"{address}?limit=9").text
    )
    page = client.get(f"{address}?open={orange}")
    first = page.context["neighbours"].results[0]
    assert [one.image.title for one in first.opened] == ["orange 2", "orange 3"]
    assert f'href="?#tile-{orange}"' in page.text
    assert f'href="?open={orange},{shots["blue"].pk}#' in page.text


def test_apart_each_is_a_result(sign_in: SignIn, alice: User, shots: dict[str, Image]) -> None:
    client = sign_in(alice)
    assert len(answer(client, shots["red"], "?alike=apart")) == 6
    page = client.get(f"/images/{shots['red'].pk}/similar/?alike=apart").text
    assert "alike-" not in page
    assert "each by itself" in page


def test_without_a_scale_each_is_a_result(
    sign_in: SignIn, alice: User, shots: dict[str, Image]
) -> None:
    DistanceScale.objects.all().delete()
    assert len(answer(sign_in(alice), shots["red"])) == 6


def test_a_strangers_copy_is_neither_shown_nor_counted(
    sign_in: SignIn, charlie: User, shots: dict[str, Image]
) -> None:
    public = [shots[title] for title in ("red", "orange 2", "orange 3", "blue 2")]
    Image.objects.filter(pk__in=[image.pk for image in public]).update(visibility="public")
    found = answer(sign_in(charlie), shots["red"], f"?open={shots['orange'].pk}")
    assert found == [("orange 2", 1), ("blue 2", 0)]


def test_a_copy_that_was_shared_is_counted(
    sign_in: SignIn, bob: User, shots: dict[str, Image]
) -> None:
    shots["red"].shared_with.add(bob)
    shots["orange 3"].shared_with.add(bob)
    assert answer(sign_in(bob), shots["red"]) == [("orange 3", 0)]
    shots["orange"].shared_with.add(bob)
    assert answer(sign_in(bob), shots["red"]) == [("orange", 1)]


def test_signed_out_people_see_public_copies_alone(client: Client, shots: dict[str, Image]) -> None:
    for title in ("red", "orange", "orange 3"):
        shots[title].visibility = Visibility.PUBLIC
        shots[title].save()
    assert answer(client, shots["red"]) == [("orange", 1)]


def test_a_filter_leaves_its_copies_out(
    sign_in: SignIn, alice: User, shots: dict[str, Image]
) -> None:
    assert answer(sign_in(alice), shots["red"], "?tag=second") == [("orange 2", 0), ("blue 2", 0)]


def follow(client: Client, address: str) -> tuple[list[str], str | None]:
    """The titles on a page, with all they stand for, and the address of the next."""
    page = client.get(address)
    assert page.status_code == 200
    found = page.context["neighbours"].results
    known = dict(Image.objects.values_list("pk", "title"))
    titles = [known[one.image_id] for leader in found for one in (leader, *(leader.alike or ()))]
    more = re.search(r'class="button" href="(\?[^"]+)" hx-get', page.text)
    return titles, address.partition("?")[0] + unescape(more[1]) if more else None


def pages(client: Client, address: str | None) -> list[list[str]]:
    found = []
    while address:
        titles, address = follow(client, address)
        found.append(titles)
    return found


def test_pages_are_full_and_a_result_takes_its_copies_along(
    sign_in: SignIn, alice: User, shots: dict[str, Image]
) -> None:
    found = pages(sign_in(alice), f"/images/{shots['red'].pk}/similar/?limit=2")
    assert found == [["orange", "orange 2", "orange 3", "blue", "blue 2"], ["green"]]


@pytest.mark.parametrize("block", [1, 2, 3, 4, 200])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_every_image_is_there_once(
    sign_in: SignIn,
    alice: User,
    shots: dict[str, Image],
    monkeypatch: pytest.MonkeyPatch,
    block: int,
    limit: int,
) -> None:
    monkeypatch.setattr(finding, "BLOCK", block)
    found = pages(sign_in(alice), f"/images/{shots['red'].pk}/similar/?limit={limit}")
    assert sorted(chain(*found)) == sorted(set(shots) - {"red"})


def test_behind_many_copies_a_page_ends_early_and_goes_on(
    sign_in: SignIn, alice: User, shots: dict[str, Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "BLOCK", 3)
    monkeypatch.setattr(finding, "MOST_BLOCKS", 1)
    found = pages(sign_in(alice), f"/images/{shots['red'].pk}/similar/")
    assert found == [["orange", "orange 2", "orange 3"], ["blue", "blue 2", "green"]]


def test_a_place_behind_everything_is_empty(
    sign_in: SignIn, alice: User, shots: dict[str, Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "BLOCK", 1)
    monkeypatch.setattr(finding, "MOST_BLOCKS", 2)
    place = f"{Encoder.objects.get().pk}_9999999999_1_1.9_1"
    assert answer(sign_in(alice), shots["red"], f"?place={place}") == []


def test_new_copies_neither_hide_nor_repeat_anything(
    sign_in: SignIn, alice: User, shots: dict[str, Image], store: Store, embed: Embed
) -> None:
    client = sign_in(alice)
    first, rest = follow(client, f"/images/{shots['red'].pk}/similar/?limit=1")
    embed(store((255, 89, 0), title="new orange"), store((42, 0, 255), title="new blue"))
    assert (first, pages(client, rest)) == (
        ["orange", "orange 2", "orange 3"],
        [["blue", "blue 2"], ["green"]],
    )
    assert follow(client, f"/images/{shots['red'].pk}/similar/?limit=1")[0][0] == "new orange"


def test_when_one_is_deleted_those_behind_it_are_still_there(
    sign_in: SignIn, alice: User, shots: dict[str, Image]
) -> None:
    client = sign_in(alice)
    _, rest = follow(client, f"/images/{shots['red'].pk}/similar/?limit=1")
    shots["orange"].delete()
    shots["blue"].delete()
    assert sorted(chain(*pages(client, rest))) == ["blue 2", "green", "orange 2", "orange 3"]


def test_a_chain_is_not_one_group() -> None:
    assert grouped("abcd", [("a", "b"), ("b", "c"), ("c", "d")]) == {"a": ["b"], "c": ["d"]}


def test_one_that_is_like_two_belongs_to_the_nearer() -> None:
    assert grouped("abc", [("b", "c"), ("a", "c")]) == {"a": ["c"], "b": []}


def test_among_identical_ones_the_first_stands_for_all() -> None:
    assert grouped([1, 2, 3], [(1, 2), (1, 3), (2, 3)]) == {1: [2, 3]}


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn, alice: User, shots: dict[str, Image], django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    for query in ("?limit=1", f"?limit=50&open={shots['orange'].pk},{shots['blue'].pk}"):
        # Session, user, image, encoder, its embedding, the state of its index, neighbours, their
        # pairs, images, favourites.
        with django_assert_num_queries(10):
            client.get(f"/images/{shots['red'].pk}/similar/{query}")

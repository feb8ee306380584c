"""GET /api/v1/images/<id>/similar/: the nearest images one may see."""

from collections.abc import Callable
from math import isclose, sqrt
from pathlib import Path
from typing import Any

import pytest

from gallery.models import Image, User, Visibility
from search.models import DistanceScale, Embedding, Encoder

Store = Callable[..., Image]


def similar(client: Any, image: Image, **query: Any) -> Any:
    return client.get(f"/api/v1/images/{image.pk}/similar/", query)


def titles(answer: Any) -> list[str]:
    return [found["image"]["title"] for found in answer.json()["results"]]


@pytest.fixture
def colours(store: Store, bob: User, embed: Callable[..., None]) -> dict[str, Image]:
    """Alice's, from red to blue; Bob's pink is private."""
    images = [
        store("#ff0000", title="red", tags=["warm"]),
        store("#ff4000", title="orange", tags=["warm"], album="Sunset"),
        store("#ff9000", title="yellow", tags=["warm"], visibility=Visibility.PUBLIC),
        store("#0000ff", title="blue", visibility=Visibility.PUBLIC),
        store("#ff1010", owner=bob, title="pink"),
    ]
    embed(*images)
    return {image.title: image for image in images}


def test_the_nearest_come_first(api: Any, alice: User, colours: dict[str, Image]) -> None:
    answer = similar(api(alice), colours["red"])
    distances = [found["distance"] for found in answer.json()["results"]]
    assert answer.status_code == 200
    assert titles(answer) == ["orange", "yellow", "blue"]
    assert distances == sorted(distances)
    assert list(answer.json()) == ["encoder", "exact", "results", "next"]
    assert (answer.json()["encoder"], answer.json()["exact"]) == ("tiny", True)


def test_the_distance_is_euclidean(api: Any, alice: User, colours: dict[str, Image]) -> None:
    # The vectors are (256, 1, 1) and (1, 1, 256), four times over, at unit length.
    expected = 255 * sqrt(2) / sqrt(256**2 + 2)
    distance = similar(api(alice), colours["red"]).json()["results"][-1]["distance"]
    assert isclose(distance, expected, abs_tol=1e-3)


def test_each_person_finds_what_they_may_see(
    api: Any, bob: User, charlie: User, colours: dict[str, Image]
) -> None:
    assert titles(similar(api(bob), colours["yellow"])) == ["pink", "blue"]
    assert titles(similar(api(charlie), colours["yellow"])) == ["blue"]
    assert titles(similar(api(), colours["yellow"])) == ["blue"]


def test_whoever_has_access_finds_similar_ones(
    api: Any, bob: User, charlie: User, colours: dict[str, Image]
) -> None:
    colours["red"].shared_with.add(bob)
    assert titles(similar(api(bob), colours["red"])) == ["pink", "yellow", "blue"]
    assert similar(api(charlie), colours["red"]).status_code == 404
    assert similar(api(), colours["red"]).status_code == 404


@pytest.fixture
def copies(store: Store, bob: User, embed: Callable[..., None], tiny_scale: None) -> list[Image]:
    """Alice's: two reds all but the same, and a blue; a third such red is Bob's alone."""
    images = [
        store("#ff4000", title="red"),
        store("#ff4100", title="red again"),
        store("#0000ff", title="blue"),
        store("#ff4001", owner=bob, title="bob's"),
    ]
    embed(*images)
    return images


@pytest.fixture
def tiny_scale(db: None) -> None:
    """Five in a hundred pairs are within 0.2, so what is within 0.06 is near-identical."""
    encoder = Encoder.objects.get(name="tiny")
    quantiles = [number / 25 for number in range(101)]
    DistanceScale.objects.create(encoder=encoder, quantiles=quantiles, images=500)


def test_copies_are_one_result_where_that_is_asked(
    api: Any, alice: User, bob: User, copies: list[Image]
) -> None:
    red, again, blue, _ = copies
    found = similar(api(alice), blue, alike="together").json()["results"]
    assert [(one["image"]["title"], one["alike"]) for one in found] == [("red again", [red.pk])]
    blue.shared_with.add(bob)
    again.shared_with.add(bob)
    found = similar(api(bob), blue, alike="together").json()["results"]
    assert [(one["image"]["title"], one["alike"]) for one in found] == [("bob's", [again.pk])]


def test_unasked_each_is_a_result_as_ever(api: Any, alice: User, copies: list[Image]) -> None:
    found = similar(api(alice), copies[2]).json()["results"]
    assert [list(one) for one in found] == [["image", "distance", "share_farther"]] * 2


def test_of_results_that_are_one_none_are_passed_by(
    api: Any, alice: User, copies: list[Image]
) -> None:
    answer = similar(api(alice), copies[2], alike="together", offset=1)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["offset"])


def test_next_stays_where_it_is_while_images_come_and_go(
    api: Any, alice: User, colours: dict[str, Image], store: Store, embed: Callable[..., None]
) -> None:
    first = similar(api(alice), colours["red"], limit=2)
    embed(store("#ff0100"), store("#ff0200"))
    colours["orange"].delete()
    assert titles(api(alice).get(first.json()["next"])) == ["blue"]


def test_next_leads_to_the_end(api: Any, alice: User, colours: dict[str, Image]) -> None:
    first = similar(api(alice), colours["red"], limit=2)
    rest = api(alice).get(first.json()["next"])
    assert titles(first) + titles(rest) == ["orange", "yellow", "blue"]
    assert rest.json()["next"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"tag": "warm"}, ["orange", "yellow"]),
        ({"album": "Sunset"}, ["orange"]),
        ({"owner": "bob"}, []),
        ({"before": "2000-01-01"}, []),
        ({"max_distance": 1}, ["orange", "yellow"]),
        ({"min_distance": 1}, ["blue"]),
        ({"limit": 1}, ["orange"]),
        ({"offset": 2}, ["blue"]),
        ({"exact": "true", "encoder": "tiny"}, ["orange", "yellow", "blue"]),
    ],
)
def test_filters_narrow(
    api: Any, alice: User, colours: dict[str, Image], query: dict[str, Any], expected: list[str]
) -> None:
    assert titles(similar(api(alice), colours["red"], **query)) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", "201"),
        ("limit", "x"),
        ("offset", "-1"),
        ("place", "2"),
        ("alike", "somehow"),
        ("max_distance", "near"),
        ("min_distance", "nan"),
        ("after", "yesterday"),
        ("encoder", "oracle"),
    ],
)
def test_a_bad_parameter_is_named(
    api: Any, alice: User, colours: dict[str, Image], field: str, value: str
) -> None:
    answer = similar(api(alice), colours["red"], **{field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_an_image_without_a_vector_waits_before_all_others(
    api: Any, alice: User, image: Image
) -> None:
    answer = similar(api(alice), image)
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "1")
    assert answer.json() == {
        "encoder": "tiny",
        "exact": True,
        "results": [],
        "next": None,
        "state": "pending",
    }
    assert Embedding.objects.get(image=image).wanted


def test_a_failed_image_says_why(
    api: Any, alice: User, image: Image, embed: Callable[..., None]
) -> None:
    Path(image.file.path).unlink()
    embed(image)
    answer = similar(api(alice), image)
    assert answer.status_code == 409
    assert "missing in storage" in answer.json()["detail"]


def test_more_results_need_no_more_queries(
    api: Any, alice: User, colours: dict[str, Image], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(19) as one:
        similar(api(alice), colours["red"], limit=1)
    with django_assert_max_num_queries(len(one)):
        assert len(titles(similar(api(alice), colours["red"], limit=3))) == 3

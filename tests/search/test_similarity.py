"""The nearest images to a vector; vectors of three numbers, distances worked out by hand."""

from collections.abc import Callable, Iterable
from math import isclose, sqrt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from gallery.models import Image, User, Visibility
from search.models import Embedding, Encoder
from search.similarity import (
    Bounds,
    Neighbour,
    SimilarImages,
    neighbours,
    page_of,
    with_images,
)

Store = Callable[..., Image]
X, Y, Z = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
BETWEEN_X_AND_Y = [0.6, 0.8, 0.0]


@pytest.fixture
def encoder(db: None) -> Encoder:
    return Encoder.objects.create(name="three", digest="3" * 64, dimensions=3)


@pytest.fixture
def place(store: Store, encoder: Encoder) -> Callable[..., Image]:
    """Store an image whose vector is the given one: `place(X, "red")`."""

    def make(vector: list[float], title: str, **labels: Any) -> Image:
        color = (Image.objects.count(), 0, 0)
        image = store(color, title=title, **labels)
        Embedding.objects.create(image=image, encoder=encoder, vector=vector, state="ready")
        return image

    return make


@pytest.fixture
def search(encoder: Encoder) -> Callable[..., SimilarImages]:
    def nearest(vector: list[float]) -> SimilarImages:
        return Embedding.similar.of(encoder).nearest_to(vector)

    return nearest


def titles(found: Iterable[Neighbour]) -> list[str]:
    return [one.image.title for one in with_images(list(found))]


def test_the_nearest_come_first_with_their_distance(place: Any, search: Any) -> None:
    place(Y, "y")
    place(X, "x")
    place(BETWEEN_X_AND_Y, "between")
    found = list(neighbours(search(X)))
    assert titles(found) == ["x", "between", "y"]
    # Half precision holds 0.6 and 0.8 to three digits: sqrt(0.4² + 0.8²) = sqrt(0.8).
    expected = [0.0, sqrt(0.8), sqrt(2)]
    for neighbour, distance in zip(found, expected, strict=True):
        assert isclose(neighbour.distance, distance, abs_tol=1e-3)


def test_ties_break_by_the_older_image(place: Any, search: Any) -> None:
    for title in "abcd":
        place(Y, title)
    place(Z, "z")
    assert titles(neighbours(search(X))) == ["a", "b", "c", "d", "z"]


def test_vectors_of_another_encoder_are_not_compared(
    place: Any, search: Any, encoder: Encoder
) -> None:
    image = place(X, "x")
    known = image.embeddings.get()
    other = Encoder.objects.create(name="two", digest="2" * 64, dimensions=2)
    Embedding.objects.create(image=image, encoder=other, vector=[1.0, 0.0], state="ready")
    assert [neighbour.embedding for neighbour in neighbours(search(X))] == [known.pk]


def test_an_image_without_a_vector_is_not_found(
    place: Any, search: Any, store: Store, encoder: Encoder
) -> None:
    place(X, "x")
    Embedding.objects.create(image=store("blue"), encoder=encoder)
    assert titles(neighbours(search(Y))) == ["x"]


def test_while_a_vector_is_made_anew_the_old_one_answers(place: Any, search: Any) -> None:
    place(X, "x")
    Embedding.objects.all().retry()
    assert titles(neighbours(search(Y))) == ["x"]


def test_an_image_is_not_its_own_result(place: Any, search: Any) -> None:
    image = place(X, "x")
    place(X, "the same colour")
    assert titles(neighbours(search(X).without([image.pk]))) == ["the same colour"]


def test_only_what_a_person_may_see_is_found(
    place: Any, search: Any, alice: User, bob: User
) -> None:
    place(X, "mine")
    place(Y, "everybody's", visibility=Visibility.PUBLIC)
    shared = place(Z, "shared")
    shared.shared_with.add(bob)
    assert titles(neighbours(search(X).visible_to(alice))) == ["mine", "everybody's", "shared"]
    assert titles(neighbours(search(X).visible_to(bob))) == ["everybody's", "shared"]
    assert titles(neighbours(search(X).visible_to(AnonymousUser()))) == ["everybody's"]


def test_a_search_is_one_query_and_its_pictures_another(
    place: Any, search: Any, alice: User, django_assert_num_queries: Any
) -> None:
    for title in "abc":
        place(X, title)
    with django_assert_num_queries(2):
        page = with_images(page_of(search(Y).visible_to(alice), Bounds(), 0, 10)[0])
        assert [neighbour.image.owner.username for neighbour in page] == ["alice"] * 3


@pytest.fixture
def row(place: Any) -> None:
    """Five images at 0, 0.25, 0.5, 0.75 and 1 from the origin: exact in half precision."""
    for step in range(5):
        place([step / 4, 0.0, 0.0], str(step))


ORIGIN = [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (Bounds(), "01234"),
        (Bounds(minimum=0.5), "234"),
        (Bounds(maximum=0.5), "012"),
        (Bounds(0.25, 0.75), "123"),
        (Bounds(0.5, 0.5), "2"),
        (Bounds(minimum=2), ""),
        (Bounds(maximum=0), "0"),
    ],
)
def test_bounds_are_included(row: None, search: Any, bounds: Bounds, expected: str) -> None:
    page, more = page_of(search(ORIGIN), bounds, 0, 10)
    assert (titles(page), more) == (list(expected), False)


@pytest.mark.parametrize("bounds", [Bounds(), Bounds(0, 1)])
@pytest.mark.parametrize(
    ("offset", "limit", "expected", "more"),
    [
        (0, 2, "01", True),
        (2, 2, "23", True),
        (4, 2, "4", False),
        (3, 2, "34", False),
        (5, 2, "", False),
        (9, 2, "", False),
    ],
)
def test_pages(
    row: None, search: Any, bounds: Bounds, offset: int, limit: int, expected: str, more: bool
) -> None:
    page, has_more = page_of(search(ORIGIN), bounds, offset, limit)
    assert (titles(page), has_more) == (list(expected), more)

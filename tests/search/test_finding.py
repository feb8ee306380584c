"""Among many vectors the index answers: as near, as full a page, and nothing one may not see."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User
from search.finding import Found, find
from search.indexing import keep_vectors
from search.models import Embedding, Encoder
from search.similarity import Bounds, Neighbour, walking

ALL = Image.objects.all()


def vector_of(image: Image) -> Any:
    return Embedding.objects.get(image=image).vector


def images_of(found: Found) -> list[int]:
    return [embedding.image_id for embedding in found.results]


@pytest.fixture
def asked(indexed: Encoder) -> Image:
    return Image.objects.earliest("pk")


def test_the_planner_walks_the_index(indexed: Encoder, asked: Image, alice: User) -> None:
    nearest = Embedding.similar.of(indexed).visible_to(alice).without([asked.pk])
    with walking(ef_search=40):
        plan = nearest.nearest_to(vector_of(asked), by_index=True)[:20].explain()
    assert f"Index Scan using embedding_ann_{indexed.pk}" in plan


def test_it_finds_what_comparing_all_finds(indexed: Encoder, asked: Image) -> None:
    vector = vector_of(asked)
    found = find(vector, indexed, ALL, without=[asked.pk])
    truth = find(vector, indexed, ALL, without=[asked.pk], exact=True)
    assert (found.exact, truth.exact, found.has_index) == (False, True, True)
    assert images_of(found) == images_of(truth)
    assert [one.distance for one in found.results] == [one.distance for one in truth.results]


def test_a_vector_made_anew_is_found_at_once(indexed: Encoder, asked: Image) -> None:
    vector = [0.0] * 11 + [1.0]
    Embedding.objects.filter(image=asked).update(vector=vector)
    found = find(vector, indexed, ALL)
    assert not found.exact
    assert (found.results[0].image, found.results[0].distance) == (asked, 0.0)


def test_without_an_index_all_are_compared(many: Encoder) -> None:
    found = find([1.0] * 12, many, ALL)
    assert (found.exact, found.has_index, len(found.results)) == (True, False, 20)


def test_pages_go_on_where_the_last_one_ended(indexed: Encoder, asked: Image) -> None:
    vector = vector_of(asked)
    pages = [images_of(find(vector, indexed, ALL, offset=at, limit=50)) for at in (0, 50, 100)]
    assert list(chain(*pages)) == images_of(find(vector, indexed, ALL, limit=150))


def followed(vector: Any, encoder: Encoder, **asked: Any) -> list[list[Neighbour]]:
    """All pages of an answer, each from where the last one ended."""
    pages, place = [], None
    while True:
        found = find(vector, encoder, ALL, place=place, **asked)
        pages.append(found.results)
        if not (place := found.following):
            return pages


def shown(results: Iterable[Neighbour]) -> list[int]:
    """The images of results and of all they stand for."""
    return [one.image_id for found in results for one in (found, *(found.alike or ()))]


@pytest.mark.parametrize("exact", [True, False])
def test_following_pages_shows_all_in_order(indexed: Encoder, asked: Image, exact: bool) -> None:
    vector = vector_of(asked)
    pages = followed(vector, indexed, limit=60, exact=exact)
    at_once = find(vector, indexed, ALL, limit=400, exact=exact)
    assert [found.image_id for found in chain(*pages)] == images_of(at_once)
    assert [len(page) for page in pages[:-1]] == [60] * 6


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("within", [0.2, 0.5, 2.0])
def test_near_identical_ones_are_one_result_on_one_page(
    indexed: Encoder, asked: Image, exact: bool, within: float
) -> None:
    vector = vector_of(asked)
    pages = followed(vector, indexed, limit=30, exact=exact, within=within)
    assert all(len(page) == 30 for page in pages[:-1])
    at_once = find(vector, indexed, ALL, limit=400, exact=exact)
    assert sorted(shown(chain(*pages))) == sorted(images_of(at_once))


@pytest.mark.parametrize("within", [None, 0.5])
def test_pages_agree_while_images_come_and_go(
    indexed: Encoder, asked: Image, store: Any, embed: Any, within: float | None
) -> None:
    vector = vector_of(asked)
    before = [found.image_id for page in followed(vector, indexed, within=within) for found in page]
    first = find(vector, indexed, ALL, within=within)
    alone = next(found for found in first.results if not found.alike)
    Image.objects.filter(pk=alone.image_id).delete()
    new = store("white")
    embed(new)
    Embedding.objects.filter(image=new).update(vector=vector)
    second = find(vector, indexed, ALL, place=first.following, within=within)
    assert images_of(first) + images_of(second) == before[:40]
    assert new.pk in shown(find(vector, indexed, ALL, within=within).results)


def test_what_is_made_anew_stays_in_its_place(indexed: Encoder, asked: Image, embed: Any) -> None:
    vector = vector_of(asked)
    first = find(vector, indexed, ALL)
    moved = find(vector, indexed, ALL, place=first.following).results[0]
    since = Embedding.objects.get(pk=moved.embedding).findable_since
    Embedding.objects.filter(pk=moved.embedding).retry()
    waiting = Embedding.objects.filter(pk=moved.embedding).select_related("image")
    keep_vectors([(row, list(row.vector or [])) for row in waiting], "float32")
    assert Embedding.objects.get(pk=moved.embedding).findable_since == since
    assert images_of(find(vector, indexed, ALL, place=first.following))[0] == moved.image_id


def test_equally_near_ones_come_in_the_order_of_their_keys(indexed: Encoder) -> None:
    Embedding.objects.update(vector=[1.0] + [0.0] * 11)
    found = find([0.0] * 11 + [1.0], indexed, ALL)
    assert not found.exact
    assert images_of(found) == list(ALL.order_by("pk").values_list("pk", flat=True)[:20])


@pytest.mark.parametrize(("share", "exact"), [(1, True), (2, False)])
def test_a_filter_that_leaves_few_has_them_compared(
    indexed: Encoder, share: int, exact: bool
) -> None:
    """For 25 of 400 vectors the break-even is at twice the square root of 10,000 images."""
    some = ALL.filter(pk__in=list(ALL.values_list("pk", flat=True)[: share * 190]))
    found = find([1.0] * 12, indexed, some, limit=25)
    assert (found.exact, len(found.results)) == (exact, 25)
    assert set(images_of(found)) <= set(some.values_list("pk", flat=True))


def test_what_one_may_not_see_is_not_found(
    indexed: Encoder, asked: Image, bob: User, charlie: User
) -> None:
    Image.objects.exclude(title__endswith="0").update(owner=bob)
    found = find(vector_of(asked), indexed, Image.objects.visible_to(bob))
    assert not found.exact
    assert {embedding.image.owner for embedding in found.results} == {bob}
    assert find(vector_of(asked), indexed, Image.objects.visible_to(charlie)).results == []


def test_distances_between_bounds_are_read_from_the_index(indexed: Encoder, asked: Image) -> None:
    vector = vector_of(asked)
    far = find(vector, indexed, ALL, limit=60).results[-1].distance
    found = find(vector, indexed, ALL, bounds=Bounds(minimum=far))
    truth = find(vector, indexed, ALL, bounds=Bounds(minimum=far), exact=True)
    assert images_of(found) == images_of(truth)
    assert found.results[0].distance == far


def test_the_page_says_that_the_index_answered(
    indexed: Encoder, asked: Image, client: Client, alice: User
) -> None:
    client.force_login(alice)
    page = client.get(f"/images/{asked.pk}/similar/").text
    assert "The index answered" in page
    assert '<input type="checkbox" name="exact" id="id_exact">' in page


def test_the_page_compares_all_where_that_is_ticked(
    indexed: Encoder, asked: Image, client: Client, alice: User
) -> None:
    client.force_login(alice)
    page = client.get(f"/images/{asked.pk}/similar/?exact=on").text
    assert "Every picture was compared" in page
    assert '<input type="checkbox" name="exact" id="id_exact" checked>' in page


def test_the_api_says_which_answered(indexed: Encoder, asked: Image, api: Any, alice: User) -> None:
    address = f"/api/v1/images/{asked.pk}/similar/"
    assert api(alice).get(address).json()["exact"] is False
    assert api(alice).get(address, {"exact": "1"}).json()["exact"] is True


def test_more_results_need_no_more_queries(
    indexed: Encoder, asked: Image, django_assert_num_queries: Any
) -> None:
    vector = vector_of(asked)
    # The state of the index, the sample's ends, how many are left, efforts measured, BEGIN,
    # settings, the search, images, COMMIT.
    for limit in (1, 50):
        with django_assert_num_queries(9):
            find(vector, indexed, ALL, limit=limit)

"""In the admin images stand in order of their distance from one of them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gallery.models import Image, User
from search.admin.images import SearchableImageAdmin
from search.models import Embedding, Encoder
from tests.search.conftest import at

IMAGES = reverse("admin:gallery_image_changelist")
Store = Callable[..., Image]


@pytest.fixture
def line(store: Store, tiny: Encoder) -> list[Image]:
    """Four images at 0, 5, 1 and 2."""
    images = []
    for place in (0, 5, 1, 2):
        image = store((place * 50, 0, 0), title=f"At {place}")
        Embedding.objects.create(image=image, encoder=tiny, vector=at(place), state="ready")
        images.append(image)
    return images


def titles(answer: Any) -> list[str]:
    return [image.title for image in answer.context["cl"].result_list]


def test_the_nearest_come_first_with_their_distance(admin: Client, line: list[Image]) -> None:
    answer = admin.get(IMAGES, {"similar": f"#{line[0].pk}"})
    assert titles(answer) == ["At 1", "At 2", "At 5"]
    assert '<td class="field-distance">1.0000</td>' in answer.text
    assert '<td class="field-distance">5.0000</td>' in answer.text
    assert f"The nearest to “At 0” (#{line[0].pk})" in answer.text


def test_there_is_no_distance_where_nothing_is_compared(admin: Client, line: list[Image]) -> None:
    assert "field-distance" not in admin.get(IMAGES).text


def test_every_row_leads_to_what_is_similar(admin: Client, line: list[Image]) -> None:
    text = admin.get(IMAGES).text
    assert all(f'href="{IMAGES}?similar={image.pk}"' in text for image in line)


def test_other_filters_and_the_search_narrow_what_is_compared(
    admin: Client, line: list[Image], bob: User
) -> None:
    Image.objects.filter(pk=line[2].pk).update(visibility="public", owner=bob)
    near: dict[str, Any] = {"similar": line[0].pk}
    assert titles(admin.get(IMAGES, {**near, "visibility__exact": "public"})) == ["At 1"]
    assert titles(admin.get(IMAGES, {**near, "owner": "alice"})) == ["At 2", "At 5"]
    assert titles(admin.get(IMAGES, {**near, "q": "at 5"})) == ["At 5"]


@pytest.mark.parametrize("number", ["99999", "many", "1" * 19, "-1", "\0"])
def test_an_unknown_number_is_said_in_words(admin: Client, line: list[Image], number: str) -> None:
    answer = admin.get(IMAGES, {"similar": number})
    assert (answer.status_code, titles(answer)) == (200, [])
    assert "There is no image with the number" in answer.text


def test_an_image_without_a_vector_is_said_in_words(admin: Client, store: Store) -> None:
    image = store("blue", title="New")
    answer = admin.get(IMAGES, {"similar": image.pk})
    assert "can’t be compared yet: it has no vector." in answer.text
    assert titles(answer) == []


def test_the_pages_follow_each_other(
    admin: Client, line: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SearchableImageAdmin, "list_per_page", 2)
    near: dict[str, Any] = {"similar": line[0].pk}
    assert titles(admin.get(IMAGES, near)) == ["At 1", "At 2"]
    assert titles(admin.get(IMAGES, {**near, "p": 2})) == ["At 5"]
    assert titles(admin.get(IMAGES, {**near, "all": ""})) == ["At 1", "At 2", "At 5"]


def test_the_order_is_that_of_the_distance_and_no_other(admin: Client, line: list[Image]) -> None:
    answer = admin.get(IMAGES, {"similar": str(line[0].pk), "o": "-3"})
    assert titles(answer) == ["At 1", "At 2", "At 5"]


def test_another_encoder_compares_where_it_is_chosen(
    admin: Client, line: list[Image], other: Encoder
) -> None:
    for image, place in zip(line, (0, 1, 7, 8), strict=True):
        Embedding.objects.create(image=image, encoder=other, vector=at(place), state="ready")
    near: dict[str, Any] = {"similar": line[0].pk, "encoder": other.pk}
    answer = admin.get(IMAGES, near)
    assert titles(answer) == ["At 5", "At 1", "At 2"]


def test_the_states_shown_are_those_of_the_encoder_chosen(
    admin: Client, line: list[Image], other: Encoder
) -> None:
    Embedding.objects.create(image=line[1], encoder=other).save()
    Embedding.objects.filter(encoder=other).fail("The file ends too early.")
    assert titles(admin.get(IMAGES, {"embedding": "failed"})) == []
    failed = {"embedding": "failed", "encoder": str(other.pk)}
    assert titles(admin.get(IMAGES, failed)) == ["At 5"]


def test_it_takes_as_many_queries_for_many_as_for_few(
    admin: Client, line: list[Image], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    near: dict[str, Any] = {"similar": line[0].pk}
    with django_assert_max_num_queries(16) as few:
        admin.get(IMAGES, {**near, "q": "at 5"})
    with django_assert_max_num_queries(len(few)):
        admin.get(IMAGES, near)


def test_nobody_compares_who_may_not_look(client: Client, line: list[Image], charlie: User) -> None:
    client.force_login(charlie)
    assert client.get(IMAGES, {"similar": line[0].pk}).status_code == 302
    charlie.is_staff = True
    charlie.save()
    charlie.user_permissions.set(Permission.objects.filter(codename="view_album"))
    assert client.get(IMAGES, {"similar": line[0].pk}).status_code == 403


def test_the_page_of_an_image_shows_its_neighbours(admin: Client, line: list[Image]) -> None:
    text = admin.get(reverse("admin:gallery_image_change", args=[line[0].pk])).text
    order = [text.index(f"<span>{distance}</span>") for distance in ("1.0000", "2.0000", "5.0000")]
    assert order == sorted(order)
    assert f'href="{reverse("admin:gallery_image_change", args=[line[1].pk])}"' in text


def test_no_neighbour_lies_in_the_trash(admin: Client, line: list[Image]) -> None:
    Image.objects.filter(pk=line[1].pk).trash()
    text = admin.get(reverse("admin:gallery_image_change", args=[line[0].pk])).text
    assert "<span>5.0000</span>" not in text


def test_the_page_of_an_image_without_a_vector_says_so(admin: Client, store: Store) -> None:
    image = store("blue", title="New")
    text = admin.get(reverse("admin:gallery_image_change", args=[image.pk])).text
    assert "can’t be compared yet: it has no vector." in text


def test_the_page_takes_as_many_queries_for_many_neighbours_as_for_few(
    admin: Client, line: list[Image], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page = reverse("admin:gallery_image_change", args=[line[0].pk])
    Image.objects.exclude(pk__in=[line[0].pk, line[1].pk]).trash()
    with django_assert_max_num_queries(30) as few:
        admin.get(page)
    Image.objects.all().restore()
    with django_assert_max_num_queries(len(few)):
        admin.get(page)

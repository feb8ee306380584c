"""Marking results on the page of an image's neighbours."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User, Visibility
from search.marks import mark, marked_pairs
from search.models import RelevanceMark

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def address(image: Image, result: Image, query: str = "") -> str:
    return f"/images/{image.pk}/similar/{result.pk}/mark/{query}"


def page_of(client: Client, image: Image, query: str = "") -> str:
    return client.get(f"/images/{image.pk}/similar/{query}").text


def test_the_page_is_calm_until_one_wants_to_mark(
    sign_in: SignIn, alice: User, image: Image, near: Image
) -> None:
    page = page_of(sign_in(alice), image)
    assert 'href="?mark=on"' in page
    assert 'aria-labelledby="says-right' not in page
    page = page_of(sign_in(alice), image, "?mark=on&min_distance=0.01")
    assert f'aria-labelledby="says-right picture-{near.pk}"' in page
    assert 'href="?min_distance=0.01"' in page
    assert f'href="/images/{near.pk}/similar/?mark=on"' in page
    assert 'name="positive"' not in page.partition('id="tiles"')[2].partition("</ol>")[0]


def test_a_mark_is_kept_and_shown_to_its_maker_alone(
    sign_in: SignIn, alice: User, bob: User, image: Image, near: Image
) -> None:
    near.shared_with.add(bob)
    client = sign_in(alice)
    answer = client.post(address(image, near, "?mark=on"), {"mark": "right"})
    assert answer.headers["Location"] == f"/images/{image.pk}/similar/?mark=on#tile-{near.pk}"
    kept = RelevanceMark.objects.get()
    assert (kept.person, kept.image, kept.result, kept.is_relevant) == (alice, image, near, True)
    assert "1 right, 0 wrong so far" in page_of(client, image, "?mark=on")
    assert 'aria-pressed="true"' in page_of(client, image, "?mark=on")
    page = page_of(sign_in(bob), image, "?mark=on")
    assert "0 right, 0 wrong so far" in page
    assert 'aria-pressed="true"' not in page


def test_with_htmx_only_the_buttons_and_the_count_are_exchanged(
    sign_in: SignIn, alice: User, image: Image, near: Image
) -> None:
    client = sign_in(alice)
    htmx = {"HX-Request": "true"}
    answer = client.post(address(image, near), {"mark": "wrong"}, headers=htmx).text
    assert answer.strip().startswith(f'<span class="marks" id="marks-{near.pk}"')
    assert 'value="none" aria-pressed="true" aria-keyshortcuts="w"' in answer
    assert 'hx-swap-oob="true">0 right, 1 wrong so far' in answer
    answer = client.post(address(image, near), {"mark": "none"}, headers=htmx).text
    assert 'aria-pressed="true"' not in answer
    assert not RelevanceMark.objects.exists()


def test_who_may_not_see_both_gets_404(
    sign_in: SignIn, bob: User, charlie: User, image: Image, near: Image
) -> None:
    said = {"mark": "right"}
    assert sign_in(charlie).post(address(image, near), said).status_code == 404
    assert sign_in(bob).post(address(image, near), said).status_code == 404
    assert sign_in(bob).post(address(near, image), said).status_code == 404
    assert sign_in(bob).post(address(image, image), said).status_code == 404
    assert not RelevanceMark.objects.exists()


def test_signed_out_people_mark_nothing(client: Client, image: Image, near: Image) -> None:
    Image.objects.update(visibility=Visibility.PUBLIC)
    answer = client.post(address(image, near), {"mark": "right"})
    assert answer.headers["Location"].startswith("/sign-in/")
    page = page_of(client, image, "?mark=on")
    assert "Near" in page
    assert "says-right picture" not in page
    assert "Mark results" not in page


@pytest.mark.parametrize("said", [{}, {"mark": "maybe"}])
def test_what_says_nothing_is_refused(
    sign_in: SignIn, alice: User, image: Image, near: Image, said: dict[str, str]
) -> None:
    assert sign_in(alice).post(address(image, near), said).status_code == 400


def test_what_one_may_no_longer_see_is_not_counted(
    sign_in: SignIn, bob: User, image: Image, near: Image
) -> None:
    mark(bob, image, near, True)
    assert "0 right, 0 wrong so far" in page_of(sign_in(bob), image, "?mark=on")
    assert marked_pairs(bob) == []


def test_marks_cost_one_query(
    sign_in: SignIn,
    alice: User,
    store: Store,
    embed: Any,
    image: Image,
    near: Image,
    django_assert_num_queries: Any,
) -> None:
    others = [store((level, 0, 0)) for level in range(6)]
    embed(*others)
    for other in others:
        mark(alice, image, other, True)
    client = sign_in(alice)
    # The nine of the page, and the marks.
    with django_assert_num_queries(10):
        client.get(f"/images/{image.pk}/similar/?mark=on")

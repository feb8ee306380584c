"""A search is saved, and tells what is new; two encoders are put beside each other."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from gallery.models import User
from search.indexing import embed_batch, sweep
from search.models import Embedding, Encoder
from search.tasks import look_for_news
from tests.browser.conftest import store


def embed_all() -> None:
    sweep()
    while embed_batch(Embedding.objects.all()):
        pass


def corners(page: Page) -> list[list[float]]:
    """The upper left corners of both sides."""
    script = "sides => sides.map(side => side.getBoundingClientRect()).map(({ x, y }) => [x, y])"
    found: list[list[float]] = page.eval_on_selector_all(".side", script)
    return found


@pytest.fixture
def similar(signed_in: Page, owner: User, other: Encoder) -> Page:
    """The page of what is similar to a red picture, in a gallery of three and two encoders."""
    for title, color in {"red": "red", "rose": "#f01010", "blue": "blue"}.items():
        store(owner, color, title=title)
    embed_all()
    signed_in.goto("/")
    signed_in.get_by_role("link", name="Find pictures similar to red").click()
    return signed_in


def test_save_a_search_and_hear_of_what_is_new(similar: Page, owner: User) -> None:
    page = similar
    page.get_by_text("Save this search").click()
    page.get_by_label("Name of the search").fill("Reddish")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/searches/\d+/$"))
    expect(page.locator(".tile")).to_have_count(2)

    store(owner, "#fe0000", title="fresh")
    embed_all()
    look_for_news()
    page.goto("/")
    expect(page.locator("#news-count")).to_have_text("1 new")
    page.get_by_role("link", name="Searches").click()
    page.get_by_role("link", name="Reddish 1 new").click()
    expect(page.locator(".news .tile img")).to_have_attribute("alt", "fresh")
    expect(page.locator("#news-count")).to_be_empty()

    page.locator(".news .tile-picture").click()
    page.go_back()
    expect(page.locator(".news .tile")).to_have_count(1)


def test_two_encoders_side_by_side_and_on_a_phone_one_above_the_other(similar: Page) -> None:
    page = similar
    page.get_by_role("link", name="Compare with other").click()
    expect(page.get_by_text("2 of the first 2 are found by both")).to_be_visible()
    (left, top), (right, other_top) = corners(page)
    assert left < right
    assert top == other_top
    page.set_viewport_size(ViewportSize(width=375, height=812))
    (left, top), (right, other_top) = corners(page)
    assert left == right
    assert top < other_top
    page.get_by_role("link", name="Back to one encoder").click()
    expect(page.locator("#tiles .tile")).to_have_count(2)

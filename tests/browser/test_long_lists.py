"""Lists that are longer than a page."""

import pytest
from playwright.sync_api import Page, expect

from gallery.models import User
from gallery.views import grid
from search.indexing import embed_batch
from search.models import Embedding
from tests.browser.conftest import store


@pytest.fixture
def five(owner: User) -> None:
    """Five pictures of Alice's, each a little less red than the one before."""
    for number in range(5):
        store(owner, (250 - 20 * number, 0, 0), title=f"red {number}")
    embed_batch(Embedding.objects.all())


def names(page: Page) -> list[str | None]:
    return [image.get_attribute("alt") for image in page.locator(".tile img").all()]


def test_the_grid_goes_on_by_itself(
    five: None, monkeypatch: pytest.MonkeyPatch, signed_in: Page
) -> None:
    monkeypatch.setattr(grid, "PAGE_SIZE", 2)
    signed_in.reload()
    expect(signed_in.locator(".tile img")).to_have_count(5)
    assert names(signed_in) == [f"red {number}" for number in (4, 3, 2, 1, 0)]
    expect(signed_in.get_by_role("link", name="More")).to_have_count(0)


def test_more_neighbours_come_by_themselves(five: None, signed_in: Page) -> None:
    signed_in.get_by_role("link", name="Find pictures similar to red 0").click()
    signed_in.goto(f"{signed_in.url}?limit=3")
    expect(signed_in.locator(".tile img")).to_have_count(4)
    assert names(signed_in) == [f"red {number}" for number in (1, 2, 3, 4)]


def test_a_filter_is_in_the_address_and_goes_away_with_a_click(five: None, signed_in: Page) -> None:
    signed_in.get_by_role("link", name="Find pictures similar to red 0").click()
    signed_in.get_by_text("Filters").click()
    signed_in.get_by_label("Owner").fill("bob")
    signed_in.get_by_role("button", name="Apply").click()
    expect(signed_in.get_by_text("No picture matches")).to_be_visible()
    assert "owner=bob" in signed_in.url
    signed_in.get_by_role("link", name="Owner bob").click()
    expect(signed_in.locator(".tile img")).to_have_count(4)

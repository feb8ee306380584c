"""From the grid to a picture and back: to the place one left, with the focus on the picture."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from gallery.models import Album, AlbumItem, User
from tests.browser.conftest import PATIENCE_MS, crowd, scroll_to, without_files
from tests.browser.test_results import go_back, reload

WINDOW = ViewportSize(width=1000, height=700)
# What one sees below the header, and where.
SEEN = """() => {
    const edge = document.querySelector(".site-header").getBoundingClientRect().bottom;
    return Object.fromEntries([...document.querySelectorAll("#tiles .tile")]
        .map((tile) => [tile.id, tile.getBoundingClientRect()])
        .filter(([, { top, bottom }]) => bottom > edge && top < innerHeight)
        .map(([id, { left, top }]) => [id, [Math.round(left), Math.round(top)]]));
}"""


@pytest.fixture
def album(signed_in: Page, owner: User) -> Album:
    """Alice's, with half of her pictures."""
    album = Album.objects.create(owner=owner, title="Walls")
    items = [
        AlbumItem(album=album, image=image, position=at)
        for at, image in enumerate(crowd(owner, 360, days=90)[::2])
    ]
    AlbumItem.objects.bulk_create(items)
    without_files(signed_in)
    signed_in.set_viewport_size(WINDOW)
    return album


def picture(page: Page, title: str) -> Any:
    return page.get_by_role("link", name=title, exact=True)


def stop_at(page: Page, title: str) -> None:
    scroll_to(page, title)
    page.evaluate("scrollBy(0, -250)")
    # Longer than it takes to write down where one is.
    page.wait_for_timeout(400)


@pytest.mark.parametrize("query", ["", "?album=Walls", "?sort=title", "?q=No"])
def test_back_after_a_few_pictures(signed_in: Page, album: Album, query: str) -> None:
    page = signed_in
    page.goto(f"/{query}")
    stop_at(page, "No. 150")
    before = page.evaluate(SEEN)
    # Not by the mouse, before whose click a test scrolls.
    picture(page, "No. 150").evaluate("link => link.click()")
    expect(page).to_have_url(re.compile("/images/"))
    for _ in range(2):
        address = page.url
        page.get_by_role("link", name="Next picture").click()
        expect(page).not_to_have_url(address)
    for _ in range(3):
        go_back(page)
    expect(picture(page, "No. 150")).to_be_focused()
    expect_same(before, page)


def moved(before: dict[str, Any], page: Page) -> dict[str, Any]:
    """What one saw and sees elsewhere now, or not at all; a pixel is for rounding."""
    now = page.evaluate(SEEN)
    return {
        tile: (before.get(tile), now.get(tile))
        for tile in before.keys() | now.keys()
        if before.get(tile) != pytest.approx(now.get(tile), abs=1)
    }


def expect_same(before: dict[str, Any], page: Page) -> None:
    """What one saw; the next part of the list may have to come for the last row."""
    for _ in range(PATIENCE_MS // 100):
        if not moved(before, page):
            return
        page.wait_for_timeout(100)
    assert moved(before, page) == {}


def test_reloading_leads_to_the_same_place(signed_in: Page, album: Album) -> None:
    page = signed_in
    page.goto("/")
    stop_at(page, "No. 300")
    before = page.evaluate(SEEN)
    reload(page)
    expect_same(before, page)
    assert "at=" in page.url


def test_at_the_beginning_the_address_says_nothing(signed_in: Page, album: Album) -> None:
    page = signed_in
    page.goto("/")
    picture(page, "No. 3").click()
    expect(page).to_have_url(re.compile("/images/"))
    go_back(page)
    expect(picture(page, "No. 3")).to_be_focused()
    assert page.url.endswith("/")


def test_what_comes_before_is_a_link_away(signed_in: Page, album: Album) -> None:
    page = signed_in
    page.goto("/")
    stop_at(page, "No. 300")
    reload(page)
    while page.get_by_role("link", name="What comes before").count():
        page.get_by_role("link", name="What comes before").click()
        page.wait_for_load_state()
    expect(picture(page, "No. 0")).to_be_attached()

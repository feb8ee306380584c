"""However far one scrolls, the page stays light, and what one passed is where it was."""

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from gallery.models import User
from gallery.views import grid as views
from tests.browser.conftest import crowd, scroll_to, without_files

MANY, SOME = 1200, 600
PAGE = 120
WINDOW = ViewportSize(width=1000, height=700)
ELEMENTS = "document.querySelectorAll('*').length"
# Where each picture is that is there, from the beginning of the page.
PLACES = """() => Object.fromEntries([...document.querySelectorAll("#tiles .tile")].map((tile) => {
    const { left, top, width, height } = tile.getBoundingClientRect();
    return [tile.id, [left, top + scrollY, width, height].map(Math.round)];
}))"""
BOTTOM = (
    "!document.getElementById('more') && scrollY + innerHeight + 1 >= document.body.scrollHeight"
)
TOP = "scrollY === 0"


@pytest.fixture
def grid(signed_in: Page, owner: User, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The grid in a small window, without the pictures' files."""
    monkeypatch.setattr(views, "PAGE_SIZE", PAGE)
    without_files(signed_in)
    signed_in.set_viewport_size(WINDOW)
    return signed_in


@pytest.fixture
def some(grid: Page, owner: User) -> Page:
    crowd(owner, SOME)
    grid.reload()
    return grid


def screens(page: Page, step: int, end: str) -> list[tuple[int, dict[str, Any]]]:
    """How many elements there are, and where the pictures, after each step that is scrolled."""
    found: list[tuple[int, dict[str, Any]]] = []
    while len(found) < MANY and not page.evaluate(end):
        page.evaluate(f"scrollBy(0, {step})")
        page.wait_for_timeout(150)
        found.append((page.evaluate(ELEMENTS), page.evaluate(PLACES)))
    return found


def test_1200_pictures_are_scrolled_through_and_back(grid: Page, owner: User) -> None:
    crowd(owner, MANY)
    grid.reload()
    down = screens(grid, 1000, BOTTOM)
    up = screens(grid, -1000, TOP)
    elements = [count for count, _ in down + up]
    assert max(elements) < 5000
    assert max(elements[len(elements) // 2 :]) < 1.2 * max(elements[: len(elements) // 2])
    passed = {tile: place for _, places in down for tile, place in places.items()}
    assert len(passed) == MANY
    seen = {tile: place for _, places in up for tile, place in places.items()}
    assert seen.keys() == passed.keys()
    # A pixel is for rounding.
    assert all(place == pytest.approx(passed[tile], abs=1) for tile, place in seen.items())


def test_what_is_chosen_stays_so_and_shift_reaches_over_it(some: Page) -> None:
    tile = some.locator(".tile").filter(has=some.get_by_alt_text("No. 6", exact=True))
    first = tile.locator(".pick input")
    first.check(force=True)
    # What has the focus would stay.
    first.blur()
    scroll_to(some, "No. 300")
    expect(first).to_have_count(0)
    some.get_by_alt_text("No. 300", exact=True).click(modifiers=["Shift"])
    expect(some.locator("#selection-said")).to_have_text("295 chosen")
    some.evaluate("scrollTo(0, 0)")
    expect(first).to_be_checked()


def test_the_picture_with_the_focus_is_not_put_away(some: Page) -> None:
    picture = some.locator(".tile-picture").nth(5)
    picture.focus()
    name = picture.get_attribute("id")
    scroll_to(some, "No. 300")
    expect(some.locator(f"#{name}")).to_be_focused()
    some.keyboard.press("ArrowRight")
    expect(some.locator(".tile-picture").nth(6)).to_be_focused()


def test_a_day_that_is_far_away_is_found_on_the_page(some: Page) -> None:
    scroll_to(some, "No. 550")
    found = some.locator(".far p[data-day='2026-10-30']")
    expect(found).to_be_attached()
    # What the browser does to what it has found.
    found.evaluate("found => found.dispatchEvent(new Event('beforematch', { bubbles: true }))")
    expect(some.locator(".day[data-day='2026-10-30']")).to_be_in_viewport()


def test_in_another_width_the_pictures_are_there_still(some: Page) -> None:
    scroll_to(some, "No. 300")
    some.set_viewport_size({**WINDOW, "width": 600})
    seen = {tile for _, places in screens(some, -1000, TOP) for tile in places}
    assert len(seen) > 240
    expect(some.get_by_alt_text("No. 0", exact=True)).to_be_attached()

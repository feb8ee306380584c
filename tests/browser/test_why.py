"""Pointing at a place in one picture shows what matches it in the other."""

import pytest
from playwright.sync_api import Locator, Page, expect

from gallery.models import User
from tests.browser.conftest import Worker, store


@pytest.fixture
def why(signed_in: Page, owner: User, worker: Worker) -> Page:
    """The page that tells why an orange picture is like a red one."""
    store(owner, "red", title="red")
    store(owner, "#ff9000", title="amber")
    signed_in.goto("/")
    signed_in.get_by_role("link", name="Find pictures similar to red").click()
    tile = signed_in.locator(".tile").first
    tile.hover()
    worker.embeds.clear()
    tile.get_by_role("link", name="Why it is similar: amber").click()
    expect(signed_in.get_by_text("place by place")).to_be_visible()
    worker.embeds.set()
    expect(signed_in.get_by_text("add up to 0.872.")).to_be_visible()
    return signed_in


def picture(page: Page, name: str) -> Locator:
    return page.get_by_role("application", name=name)


def levels(one: Locator) -> list[str | None]:
    return [cell.get_attribute("fill-opacity") for cell in one.locator(".why-cell").all()]


def test_pointing_shows_what_matches(why: Page) -> None:
    red, amber = picture(why, "red"), picture(why, "amber")
    area = red.bounding_box()
    assert area
    why.mouse.move(area["x"] + 0.75 * area["width"], area["y"] + 0.25 * area["height"])
    said = "Row 1 of 2, column 2 of 2 adds 0.218. It matches row 1, column 2"
    expect(why.locator(".why-said")).to_contain_text(said)
    assert levels(amber) == ["0", "1", "0", "0"]
    assert levels(red) == ["1.000"] * 4
    why.mouse.move(0, 0)
    expect(why.locator(".why-said")).to_be_empty()
    assert levels(amber) == ["1.000"] * 4


def test_the_keyboard_moves_from_place_to_place(why: Page) -> None:
    why.get_by_label("Show what counts").focus()
    why.keyboard.press("Tab")
    expect(picture(why, "red")).to_be_focused()
    why.keyboard.press("Tab")
    why.keyboard.press("Tab")
    expect(picture(why, "amber")).to_be_focused()
    why.keyboard.press("ArrowDown")
    why.keyboard.press("ArrowDown")
    expect(why.locator(".why-said")).to_contain_text("Row 2 of 2, column 1 of 2")
    assert levels(picture(why, "red")) == ["0", "0", "1", "0"]
    why.keyboard.press("Escape")
    expect(why.locator(".why-said")).to_be_empty()


def test_the_overlays_can_be_put_away(why: Page) -> None:
    why.get_by_label("Show what counts").uncheck()
    expect(why.locator(".why-cells").first).to_be_hidden()

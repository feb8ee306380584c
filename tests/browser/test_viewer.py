"""One picture, large: to its neighbours, closer, and edited in place."""

import re

from playwright.sync_api import Page, expect

from gallery.models import User
from tests.browser.conftest import store


def shows(page: Page, title: str) -> None:
    """The picture of that title is open, and its page hears keys."""
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    page.wait_for_load_state()


def test_along_the_list_closer_and_edited_in_place(signed_in: Page, owner: User) -> None:
    page = signed_in
    for at in range(3):
        store(owner, (250 - 60 * at, 0, 0), (640, 480), title=f"red {at}", tags=["wall"])
    page.goto("/?tag=wall")
    page.locator(".tile-picture").first.click()
    shows(page, "red 2")
    page.keyboard.press("ArrowRight")
    shows(page, "red 1")
    expect(page).to_have_url(re.compile(r"\?tag=wall$"))

    page.keyboard.press("+")
    picture = page.locator("#zoom img")
    expect(picture).to_have_attribute("style", re.compile(r"scale\(1\.5\)"))
    expect(picture).to_have_attribute("src", re.compile("/file/$"))
    page.keyboard.press("0")
    expect(page.locator("#zoom.zoomed")).to_have_count(0)
    page.keyboard.press("4")
    expect(page.get_by_role("button", name="4 stars")).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("e")
    page.get_by_label("Title").fill("Brick")
    page.get_by_role("button", name="Save").click()
    shows(page, "Brick")
    page.keyboard.press("ArrowLeft")
    shows(page, "red 2")

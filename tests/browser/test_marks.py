"""Marking results where they are shown, by mouse and keyboard."""

from playwright.sync_api import Page, expect

from gallery.models import User
from search.indexing import embed_batch
from search.models import Embedding
from tests.browser.conftest import store


def settled(page: Page) -> None:
    """What was exchanged answers by itself from now on; before that it would load the page anew."""
    expect(page.locator(".htmx-added, .htmx-settling, .htmx-request")).to_have_count(0)


def test_results_are_marked_in_place_and_taken_back(owner: User, signed_in: Page) -> None:
    page = signed_in
    asked, *_ = [store(owner, (250 - 20 * at, 0, 0), title=f"red {at}") for at in range(4)]
    while embed_batch(Embedding.objects.all()):
        pass
    page.goto(f"/images/{asked.pk}/similar/")
    page.keyboard.press("m")
    count = page.locator("#marks-count")
    expect(count).to_have_text("0 right, 0 wrong so far.")
    right, wrong = (
        page.get_by_role("button", name=f"{word}: red 1") for word in ("Right", "Wrong")
    )
    wrong.click()
    expect(count).to_have_text("0 right, 1 wrong so far.")
    expect(wrong).to_be_focused()
    settled(page)
    page.keyboard.press("r")
    expect(right).to_have_attribute("aria-pressed", "true")
    settled(page)
    page.keyboard.press("r")
    expect(count).to_have_text("0 right, 0 wrong so far.")
    settled(page)
    page.keyboard.press("w")
    expect(count).to_have_text("0 right, 1 wrong so far.")

    page.keyboard.press("m")
    expect(wrong).to_have_count(0)
    page.keyboard.press("m")
    expect(wrong).to_have_attribute("aria-pressed", "true")

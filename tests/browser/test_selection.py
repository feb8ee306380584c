"""Choosing many pictures, changing them at once, undoing it; the trash."""

import pytest
from playwright.sync_api import Locator, Page, expect

from gallery.models import Image, User
from tests.browser.conftest import store


@pytest.fixture
def six(owner: User) -> list[Image]:
    """Six pictures of Alice's, the newest of which comes first."""
    return [store(owner, (250 - 40 * at, 0, 0), title=f"red {at}") for at in range(6)]


def tile(page: Page, title: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_alt_text(title, exact=True))


def drag_around(page: Page, first: str, last: str) -> None:
    """From the middle of one picture to that of another."""
    boxes = [tile(page, title).bounding_box() for title in (first, last)]
    (x, y), (to_x, to_y) = [
        (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box
    ]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y + 5)
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()


def test_a_box_is_dragged_its_pictures_tagged_and_that_undone(
    six: list[Image], signed_in: Page
) -> None:
    page = signed_in
    page.reload()
    drag_around(page, "red 5", "red 3")
    expect(page.locator("#selection-said")).to_have_text("3 chosen")
    tile(page, "red 1").locator(".tile-picture").click(modifiers=["Shift"])
    expect(page.locator("#selection-said")).to_have_text("5 chosen")
    tile(page, "red 1").locator(".tile-picture").click()
    page.get_by_role("button", name="Tags").click()
    page.get_by_label("Tags, separated by commas").fill("wall")
    page.keyboard.press("Enter")
    expect(page.get_by_text("4 pictures are tagged.")).to_be_visible()
    assert Image.objects.tagged("wall").count() == 4

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is undone.")).to_be_visible()
    assert not Image.objects.tagged("wall").exists()


def test_by_the_keyboard_into_the_trash_and_back(six: list[Image], signed_in: Page) -> None:
    page = signed_in
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#selection-said")).to_have_text("2 chosen")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("#selection-said")).to_have_text("3 chosen")
    page.keyboard.press("x")
    expect(page.locator("#selection-said")).to_have_text("2 chosen")
    page.keyboard.press("Delete")
    expect(page.get_by_text("2 pictures are in the trash.")).to_be_visible()
    expect(page.locator(".tile")).to_have_count(4)

    page.goto("/trash/")
    expect(page.locator(".tile")).to_have_count(2)
    page.get_by_label("Choose red 5").check()
    page.get_by_role("button", name="Restore", exact=True).click()
    expect(page.get_by_text("One picture is restored.")).to_be_visible()
    page.get_by_role("button", name="Empty the trash").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()
    page.goto("/")
    expect(page.locator(".tile")).to_have_count(5)


def test_a_long_press_chooses_and_a_tap_goes_on(six: list[Image], signed_in: Page) -> None:
    page = signed_in
    page.reload()
    finger = {"pointerType": "touch", "bubbles": True, "clientX": 5, "clientY": 5}
    picture = tile(page, "red 4").locator(".tile-picture")
    picture.dispatch_event("pointerdown", finger)
    expect(page.locator("#selection-said")).to_have_text("1 chosen")
    picture.dispatch_event("pointerup", finger)
    picture.dispatch_event("click")
    expect(page.locator("#selection-said")).to_have_text("1 chosen")
    page.locator(".pick input").first.dispatch_event("pointerdown", finger)
    page.locator(".pick input").first.dispatch_event("pointerup", finger)
    tile(page, "red 2").locator(".tile-picture").click()
    expect(page.locator("#selection-said")).to_have_text("2 chosen")
    page.keyboard.press("Control+a")
    expect(page.locator("#selection-said")).to_have_text("All of this list")
    page.keyboard.press("Escape")
    expect(page.locator("#selection")).to_be_hidden()


def test_a_heart_by_its_key(six: list[Image], signed_in: Page, owner: User) -> None:
    page = signed_in
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("f")
    expect(tile(page, "red 5").locator(".favourite")).to_have_attribute("aria-pressed", "true")
    assert list(Image.objects.favourites_of(owner)) == [six[5]]

"""Pictures of an album are put in their order by hand: by dragging and by the keyboard."""

import pytest
from playwright.sync_api import Locator, Page, expect

from gallery.models import Album, Image, User
from tests.browser.conftest import store


@pytest.fixture
def album(owner: User) -> Album:
    """Six pictures of Alice's, a to f."""
    for at in range(6):
        store(owner, (250 - 40 * at, 0, 0), title="abcdef"[at], album="Walls")
    return Album.objects.get()


def tile(page: Page, title: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_alt_text(title, exact=True))


def shown(page: Page) -> str:
    return "".join(page.locator(".tile img").evaluate_all("all => all.map((one) => one.alt)"))


def kept(album: Album) -> str:
    return "".join(item.image.title for item in album.items.select_related("image"))


def drag(page: Page, title: str, other: str, share: float) -> None:
    """From the middle of one picture to that share of another's width."""
    start, end = (tile(page, one).bounding_box() for one in (title, other))
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2 + 20, start["y"] + 20)
    page.mouse.move(end["x"] + share * end["width"], end["y"] + end["height"] / 2, steps=4)
    page.mouse.up()


def test_pictures_are_dragged_to_their_places(album: Album, signed_in: Page) -> None:
    page = signed_in
    page.goto(f"/?album={album.pk}")
    drag(page, "e", "b", 0.2)
    expect(page.locator("#moved")).to_contain_text("Moved to place 2 of 6.")
    assert shown(page) == kept(album) == "aebcdf"

    for title in ("a", "c"):
        tile(page, title).locator(".pick input").check()
    drag(page, "c", "f", 0.8)
    expect(page.locator("#moved")).to_contain_text("2 pictures are moved")
    assert shown(page) == kept(album) == "ebdfac"

    page.locator("#moved").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is undone.")).to_be_visible()
    assert shown(page) == kept(album) == "aebcdf"


def test_pictures_are_moved_by_the_keyboard(album: Album, signed_in: Page) -> None:
    page = signed_in
    page.goto(f"/?album={album.pk}")
    page.keyboard.press("?")
    expect(page.get_by_text("Move the picture, or all that are chosen with it")).to_be_visible()
    page.keyboard.press("Escape")
    tile(page, "b").locator(".tile-picture").focus()
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("#moved")).to_contain_text("Moved to place 4 of 6.")
    assert shown(page) == kept(album) == "acdbef"
    expect(tile(page, "b").locator(".tile-picture")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator("#moved")).to_contain_text("Moved to place 3 of 6.")
    page.keyboard.press("z")
    expect(page.get_by_text("It is undone.")).to_be_visible()
    assert kept(album) == "acdbef"


def test_a_finger_moves_a_picture_after_a_long_press(album: Album, signed_in: Page) -> None:
    page = signed_in
    page.goto(f"/?album={album.pk}")
    box = tile(page, "b").bounding_box()
    assert box
    finger = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "button": 0}
    at = {"clientX": 5, "clientY": 5}
    there = {"clientX": box["x"] + 0.8 * box["width"], "clientY": box["y"] + box["height"] / 2}
    picture = tile(page, "d").locator(".tile-picture")
    picture.dispatch_event("pointerdown", {**finger, **at})
    expect(page.locator("#selection-said")).to_have_text("1 chosen")
    picture.dispatch_event("pointermove", {**finger, **there})
    picture.dispatch_event("pointerup", {**finger, **there})
    expect(page.locator("#moved")).to_contain_text("Moved to place 3 of 6.")
    assert kept(album) == "abdcef"
    expect(page.locator("#selection")).to_be_hidden()


def test_only_an_album_of_one_s_own_is_ordered(album: Album, owner: User, signed_in: Page) -> None:
    page = signed_in
    page.goto("/")
    assert Image.objects.count() == 6
    tile(page, "b").locator(".tile-picture").focus()
    page.keyboard.press("Alt+ArrowRight")
    assert shown(page) == "fedcba"
    assert kept(album) == "abcdef"

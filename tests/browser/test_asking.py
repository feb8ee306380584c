"""Asking by a picture that is dropped or pasted, by a part of it, and by ticks."""

import re
from io import BytesIO

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Page, expect

from gallery.models import User
from search.asking import embed_next_query
from search.indexing import embed_batch
from search.models import Embedding
from tests.browser.conftest import Drop, store

PASTE = """bytes => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
    dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
}"""


def two_sides() -> bytes:
    """Red on the left, blue on the right."""
    out, both = BytesIO(), Pillow.new("RGB", (400, 200), "red")
    both.paste("blue", (200, 0, 400, 200))
    both.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def asking(signed_in: Page, owner: User) -> Page:
    """The page /search/, in a gallery of three pictures."""
    for title, color in {"red": "red", "blue": "blue", "sea": "#2020ff"}.items():
        store(owner, color, title=title)
    while embed_batch(Embedding.objects.all()):
        pass
    signed_in.get_by_role("link", name="Search by picture").click()
    expect(signed_in.locator("html.scripted")).to_be_attached()
    return signed_in


def answered(page: Page) -> list[str | None]:
    page.wait_for_url(re.compile(r"/search/[0-9a-f-]{36}/"))
    embed_next_query()
    expect(page.locator(".tile img").first).to_be_visible()
    return [image.get_attribute("alt") for image in page.locator(".tile img").all()]


def drag(page: Page, start: float, end: float) -> None:
    """Drag a box over the picture, from and to these shares of its width."""
    stage = page.locator(".crop-stage")
    stage.scroll_into_view_if_needed()
    area = stage.bounding_box()
    assert area
    page.mouse.move(area["x"] + start * area["width"], area["y"] + 3)
    page.mouse.down()
    page.mouse.move(area["x"] + end * area["width"], area["y"] + area["height"] - 3, steps=4)
    page.mouse.up()


def test_drop_a_picture_ask_by_its_part_and_tick(asking: Page, drop: Drop) -> None:
    page = asking
    drop(("two.png", two_sides()))
    assert set(answered(page)) == {"red", "blue", "sea"}

    page.get_by_text("Search by a part of it").click()
    drag(page, 0.55, 0.95)
    expect(page.locator("#crop-said")).to_contain_text("55 % from the left")
    whole = page.url
    page.get_by_role("button", name="Search by this part").click()
    page.wait_for_url(lambda address: address != whole)
    assert answered(page)[2] == "red"

    first = page.locator(".tile").first
    first.hover()
    first.get_by_label("Less like").check()
    expect(page.locator("#refine-said")).to_have_text("0 liked, 1 disliked")
    first.get_by_label("More like").check()
    expect(page.locator("#refine-said")).to_have_text("1 liked, 0 disliked")
    page.get_by_role("button", name="Refine").click()
    expect(page.locator(".example")).to_have_count(1)
    expect(page.locator(".tile")).to_have_count(2)
    page.go_back()
    expect(page.locator(".tile")).to_have_count(3)


def test_paste_a_picture_and_forget_it(asking: Page) -> None:
    asking.evaluate(PASTE, list(two_sides()))
    answered(asking)
    asking.get_by_role("button", name="Forget this search").click()
    expect(asking.get_by_text("are forgotten")).to_be_visible()


def test_the_box_is_moved_and_sized_with_the_keyboard(asking: Page) -> None:
    asking.goto("/")
    asking.get_by_role("link", name="Find pictures similar to red").click()
    asking.get_by_text("Search by a part of it").click()
    box = asking.get_by_role("group", name="Part of the picture")
    box.focus()
    for _ in range(25):
        asking.keyboard.press("Shift+ArrowLeft")
    for _ in range(3):
        asking.keyboard.press("ArrowRight")
    said = "6 % from the left, 0 % from the top, 50 % wide, 100 % high"
    expect(asking.locator("#crop-said")).to_have_text(said)

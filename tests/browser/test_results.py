"""Results: pages that come by scrolling, piles that open, the way back, and the keyboard."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from gallery.models import Image, Rendering, User
from gallery.rendering import render_next
from search.indexing import embed_batch
from search.models import DistanceScale, Embedding, Encoder
from tests.browser.conftest import store

# Two pictures beside each other, and about two rows.
SMALL = ViewportSize(width=440, height=560)


@pytest.fixture
def twelve(owner: User) -> list[Image]:
    """Twelve pictures of Alice's, from red to black."""
    images = [store(owner, (250 - 20 * at, 0, 0), title=f"red {at}") for at in range(12)]
    while embed_batch(Embedding.objects.all()):
        pass
    return images


@pytest.fixture
def piles(owner: User) -> list[Image]:
    """A red, three shots of an orange, two of a blue."""
    colors = [(255, 0, 0), (255, 90, 0), (255, 92, 0), (255, 94, 0), (40, 0, 255), (38, 0, 255)]
    images = [store(owner, color, title=f"shot {at}") for at, color in enumerate(colors)]
    while embed_batch(Embedding.objects.all()):
        pass
    encoder = Encoder.objects.get(name="tiny")
    DistanceScale.objects.create(encoder=encoder, quantiles=[0.2] * 101, images=500)
    return images


def similar_to(page: Page, image: Image, query: str = "") -> None:
    page.goto(f"/images/{image.pk}/similar/{query}")


def tile(page: Page, title: str) -> Locator:
    return page.locator(".tile").filter(has=page.get_by_alt_text(title, exact=True))


def picture(page: Page, title: str) -> Locator:
    return tile(page, title).locator(".tile-picture")


def titles(page: Page) -> list[str | None]:
    return [image.get_attribute("alt") for image in page.locator(".tile img").all()]


# Both by the page itself, of whose last state the browser may not have heard yet. Neither waits for
# just any navigation: a page that writes down its place counts as one.


def reload(page: Page) -> None:
    page.evaluate("document.documentElement.id = 'old'; setTimeout(() => location.reload())")
    expect(page.locator("#old")).to_have_count(0)
    page.wait_for_load_state()


def go_back(page: Page) -> None:
    path = urlsplit(page.url).path
    page.evaluate("setTimeout(() => history.back())")
    page.wait_for_url(lambda url: urlsplit(url).path != path)


def test_pages_come_by_scrolling_and_the_address_follows(
    twelve: list[Image], signed_in: Page
) -> None:
    page = signed_in
    # So low that the last page alone can be scrolled, too.
    page.set_viewport_size({**SMALL, "height": 240})
    similar_to(page, twelve[0], "?limit=4")
    page.mouse.wheel(0, 2000)
    expect(page.locator(".tile")).to_have_count(11)
    assert titles(page) == [f"red {at}" for at in range(1, 12)]
    page.mouse.wheel(0, 4000)
    expect(page).to_have_url(re.compile("place="))
    # Longer than it takes to write down where one is.
    page.wait_for_timeout(400)

    left = page.evaluate("history.state")
    reload(page)
    assert page.evaluate("history.state.tile") == left["tile"]
    area = page.locator(f"#{left['tile']}").bounding_box()
    assert area
    assert area["y"] == pytest.approx(left["top"], abs=1)
    assert "red 1" not in titles(page)
    page.set_viewport_size(SMALL)
    page.get_by_role("link", name="Back to the nearest").click()
    expect(picture(page, "red 1")).to_be_in_viewport()
    assert "place=" not in page.url


def test_back_leads_to_the_picture_one_left_with_what_was_ticked(
    twelve: list[Image], signed_in: Page
) -> None:
    page = signed_in
    page.set_viewport_size(SMALL)
    similar_to(page, twelve[0], "?limit=6")
    tile(page, "red 2").get_by_label("More like").check(force=True)
    page.locator(".tile").last.scroll_into_view_if_needed()
    page.mouse.wheel(0, 2000)
    expect(page.locator(".tile")).to_have_count(11)
    tile(page, "red 9").get_by_label("Less like").check(force=True)
    tile(page, "red 9").get_by_role("link", name="Find pictures similar to").click()
    expect(page.get_by_role("heading", name="red 9")).to_be_visible()

    go_back(page)
    expect(picture(page, "red 9")).to_be_in_viewport()
    expect(tile(page, "red 9").get_by_label("Less like")).to_be_checked()
    expect(page.locator("#refine-said")).to_have_text("1 liked, 1 disliked")
    page.get_by_role("button", name="Refine").click()
    expect(page.locator(".example")).to_have_count(3)


def test_a_pile_opens_and_closes_in_place(piles: list[Image], signed_in: Page) -> None:
    page = signed_in
    similar_to(page, piles[0])
    expect(page.locator(".tile")).to_have_count(2)
    tile(page, "shot 1").get_by_role("link", name="+2 alike").click()
    expect(page.locator(".tile")).to_have_count(4)
    page.get_by_role("link", name="+1 alike").click()
    expect(page.locator(".tile")).to_have_count(5)
    expect(page).to_have_url(re.compile(rf"\?open={piles[1].pk},{piles[4].pk}$"))

    reload(page)
    expect(page.locator(".tile")).to_have_count(5)
    tile(page, "shot 1").get_by_role("link", name="Close").click()
    expect(page.locator(".tile")).to_have_count(3)
    expect(page).to_have_url(re.compile(rf"\?open={piles[4].pk}$"))


def test_a_tick_stays_while_its_pile_is_closed(piles: list[Image], signed_in: Page) -> None:
    page = signed_in
    similar_to(page, piles[0], f"?open={piles[1].pk}")
    tile(page, "shot 2").get_by_label("More like").check(force=True)
    page.get_by_role("link", name="Close").click()
    expect(page.locator(".tile")).to_have_count(2)
    expect(page.locator("#refine-said")).to_have_text("1 liked, 0 disliked")
    page.get_by_role("button", name="Refine").click()
    expect(page.locator(".example")).to_have_count(2)


def test_from_result_to_similar_to_result_by_the_keyboard(
    twelve: list[Image], signed_in: Page
) -> None:
    page = signed_in
    similar_to(page, twelve[0])
    page.keyboard.press("j")
    expect(picture(page, "red 1")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="red 2")).to_be_visible()
    # Before that it hears no key.
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/images/{twelve[1].pk}/$|/images/{twelve[3].pk}/$"))
    page.wait_for_load_state()
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("/similar/$"))
    for _ in range(3):
        go_back(page)
    expect(page.get_by_role("heading", name="red 0")).to_be_visible()
    expect(picture(page, "red 2")).to_be_focused()


def test_arrows_move_in_two_dimensions(twelve: list[Image], signed_in: Page) -> None:
    page = signed_in
    page.set_viewport_size(SMALL)
    similar_to(page, twelve[0])
    page.keyboard.press("j")
    for key, title in (
        ("ArrowDown", "red 3"),
        ("ArrowRight", "red 4"),
        ("ArrowUp", "red 2"),
        ("ArrowLeft", "red 1"),
        ("ArrowUp", "red 1"),
    ):
        page.keyboard.press(key)
        expect(picture(page, title)).to_be_focused()


def test_keys_tick_open_and_show_themselves(piles: list[Image], signed_in: Page) -> None:
    page = signed_in
    similar_to(page, piles[0])
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator(".tile")).to_have_count(4)
    page.keyboard.press("x")
    expect(tile(page, "shot 1").get_by_label("More like")).to_be_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()
    expect(picture(page, "shot 1")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("link", name="Search by picture")).to_be_focused()
    picture(page, "shot 1").focus()
    page.keyboard.press("y")
    expect(page.get_by_role("heading", name="Why similar?")).to_be_visible()


def test_tab_leads_to_one_picture_and_on(twelve: list[Image], signed_in: Page) -> None:
    page = signed_in
    similar_to(page, twelve[0])
    picture(page, "red 1").focus()
    page.keyboard.press("ArrowRight")
    for _ in range(6):
        page.keyboard.press("Tab")
    expect(page.locator(".tile :focus")).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(tile(page, "red 2").locator(".find-similar")).to_be_focused()


def test_a_thumbnail_that_comes_later_leaves_what_is_on_its_tile(
    piles: list[Image], signed_in: Page
) -> None:
    page = signed_in
    Rendering.objects.filter(image__in=piles[1:]).retry()
    similar_to(page, piles[0])
    waiting = page.locator(f"#tile-{piles[1].pk}")
    waiting.get_by_label("More like").check(force=True)
    expect(waiting.get_by_text("being prepared")).to_be_visible()
    while render_next():
        pass
    expect(picture(page, "shot 1")).to_be_visible()
    expect(waiting.get_by_role("link", name="+2 alike")).to_be_visible()
    expect(waiting.locator(".distance")).to_be_visible()
    expect(waiting.get_by_label("More like")).to_be_checked()
    expect(page.locator(".poller")).to_have_count(0)


def test_what_is_typed_is_typed(twelve: list[Image], signed_in: Page) -> None:
    page = signed_in
    similar_to(page, twelve[0])
    page.get_by_text("Filters").click()
    page.get_by_label("Tag").focus()
    page.keyboard.type("j?sxa/")
    expect(page.get_by_label("Tag")).to_have_value("j?sxa/")
    assert page.url.endswith("/similar/")

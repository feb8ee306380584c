"""The grid of a large gallery."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from gallery.models import Image, Rendering, State, User
from search.synthetic import imagined

COUNT = 1200


@pytest.fixture
def large(owner: User) -> None:
    """A picture an hour, without files: their places are there all the same."""
    images = [imagined(owner, number) for number in range(COUNT)]
    for number, image in enumerate(images):
        image.taken_at = timezone.now() - timedelta(hours=number)
    Image.objects.bulk_create(images)
    Rendering.objects.bulk_create(
        Rendering(image=image, state=State.READY, color="#806040") for image in images
    )


def numbers(page: Page) -> list[int]:
    names = page.locator(".tile img").evaluate_all("found => found.map(({ alt }) => alt)")
    return [int(name.removeprefix("Image ")) for name in names]


def test_it_stays_light_however_far_one_scrolls_and_comes_back(
    large: None, signed_in: Page
) -> None:
    page = signed_in
    reached = 0
    for _ in range(80):
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(150)
        shown = numbers(page)
        assert len(shown) <= 600
        assert shown == list(range(shown[0], shown[0] + len(shown)))
        reached = max(reached, shown[-1])
        if reached == COUNT - 1:
            break
    assert reached == COUNT - 1
    for _ in range(80):
        page.mouse.wheel(0, -3000)
        page.wait_for_timeout(150)
        shown = numbers(page)
        assert len(shown) <= 600
        assert shown == list(range(shown[0], shown[0] + len(shown)))
        if page.evaluate("scrollY") == 0:
            break
    assert shown[0] == 0
    days = page.locator(".day").evaluate_all("found => found.map(({ dataset }) => dataset.day)")
    assert len(days) == len(set(days))


def test_the_timeline_leads_to_a_month_and_on_from_there(large: None, signed_in: Page) -> None:
    page = signed_in
    page.set_viewport_size({"width": 1300, "height": 800})
    link = page.locator(".timeline ol ol a").nth(1)
    month = link.get_attribute("data-month")
    link.click()
    expect(page).to_have_url(re.compile(f"month={month}"))
    expect(page.locator(".timeline [aria-current]")).to_have_count(1)
    page.mouse.wheel(0, -500)
    page.wait_for_timeout(500)
    assert numbers(page)[0] < 720


def test_suggestions_are_reached_by_the_keyboard(signed_in: Page, owner: User) -> None:
    owner.tags.create(name="harbour").images.add(make(owner))
    page = signed_in
    field = page.get_by_role("combobox")
    field.press_sequentially("harb")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_text(re.compile("harbour"))
    field.press("Enter")
    expect(page).to_have_url(re.compile("tag=harbour"))


def make(owner: User) -> Image:
    image = imagined(owner, 0)
    image.save()
    Rendering.objects.create(image=image, state=State.READY, color="#806040")
    return image

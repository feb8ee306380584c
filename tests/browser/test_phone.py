"""A phone: a narrow window, and fingers instead of a mouse."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from gallery.models import User
from tests.browser.conftest import PATIENCE_MS, Worker, sign_in_as_alice, store


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer, owner: User) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": 375, "height": 812},
        has_touch=True,
        is_mobile=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sign_in_as_alice(page)
    yield page
    context.close()


def test_a_similar_picture_is_found_by_tapping(phone: Page, owner: User, worker: Worker) -> None:
    for color in ("red", (200, 20, 20), "blue"):
        store(owner, color, title=str(color))
    phone.reload()
    phone.get_by_role("link", name="red", exact=True).tap()
    expect(phone.get_by_role("heading", name="red")).to_be_visible()
    phone.get_by_role("link", name="Find similar").tap()
    expect(phone.locator("#tiles .tile img")).to_have_count(2)
    phone.locator("#tiles .tile-picture").first.tap()
    expect(phone.get_by_role("heading", name="(200, 20, 20)")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375

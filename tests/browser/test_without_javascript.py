"""Everything but drag-and-drop and previews works without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.conftest import PATIENCE_MS, Worker, sign_in_as_alice
from tests.conftest import picture_bytes


@pytest.fixture
def plain_page(chromium: Browser, live_server: LiveServer, worker: Worker) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    sign_in_as_alice(page)
    yield page
    context.close()


def choose(page: Page, **colors: object) -> None:
    page.get_by_role("link", name="Upload").first.click()
    files: list[FilePayload] = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": picture_bytes(color)}
        for name, color in colors.items()
    ]
    page.get_by_label("Choose pictures").set_input_files(files)
    page.get_by_role("button", name="Upload").click()


def test_upload_and_find_similar(plain_page: Page, worker: Worker) -> None:
    worker.embeds.clear()
    choose(plain_page, red="red", crimson=(200, 20, 20))
    rows = plain_page.locator(".upload")
    expect(rows).to_have_count(2)
    rows.first.get_by_role("link", name="Find similar").click()
    expect(plain_page.get_by_text("for the first time")).to_be_visible()
    worker.embeds.set()
    expect(plain_page.get_by_alt_text("crimson")).to_be_visible()


def test_two_overlays_show_why_two_pictures_are_similar(plain_page: Page) -> None:
    choose(plain_page, red="red", crimson=(200, 20, 20))
    plain_page.locator(".upload").first.get_by_role("link", name="Find similar").click()
    plain_page.get_by_role("link", name="Why it is similar: crimson").click()
    expect(plain_page.locator(".why-overlay")).to_have_count(2)
    expect(plain_page.get_by_text("Point at a place")).to_be_hidden()


def test_sign_out(plain_page: Page) -> None:
    plain_page.get_by_role("button", name="Menu of alice").click()
    plain_page.get_by_role("button", name="Sign out").click()
    expect(plain_page.get_by_role("link", name="Sign in").first).to_be_visible()

"""Many files at once: from any page, all told together, taken back, and tried again."""

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Drop, Worker
from tests.browser.test_main_path import BLUE, DARK_RED, RED, row, upload

API = "**/api/v1/images/"


def test_files_dropped_on_the_grid_are_uploaded(
    signed_in: Page, worker: Worker, drop: Drop
) -> None:
    page = signed_in
    drop(RED, BLUE)
    expect(page.get_by_role("heading", name="Upload pictures")).to_be_visible()
    expect(page).to_have_url(re.compile("/upload/$"))
    for name in ("red.png", "blue.png"):
        expect(row(page, name)).to_have_attribute("data-state", "ready")
    # The page takes further ones by itself, and each once.
    drop(DARK_RED)
    expect(page.locator("#upload-summary")).to_have_text("3 of 3 done")
    expect(page.locator(".upload")).to_have_count(3)
    page.go_back()
    expect(page.get_by_alt_text("red", exact=True)).to_be_visible()


def test_one_is_cancelled_then_all_and_all_tried_again(
    signed_in: Page, worker: Worker, drop: Drop
) -> None:
    page = signed_in
    page.route(API, lambda _: None)
    upload(page, drop, RED, BLUE, DARK_RED)
    row(page, "blue.png").get_by_role("button", name="Cancel").click()
    expect(row(page, "blue.png")).to_have_attribute("data-state", "cancelled")
    expect(page.locator("#upload-summary")).to_have_text("0 of 2 done")
    expect(page.locator("#upload-total")).to_contain_text("MB")
    page.unroute(API)
    page.get_by_role("button", name="Try all again").click()
    expect(row(page, "blue.png")).to_have_attribute("data-state", "ready")


def test_after_a_dropped_connection_all_are_tried_again(
    signed_in: Page, worker: Worker, drop: Drop
) -> None:
    page = signed_in
    page.route(API, lambda route: route.abort())
    upload(page, drop, RED, BLUE)
    for name in ("red.png", "blue.png"):
        expect(row(page, name)).to_contain_text("The connection was lost.")
    page.unroute(API)
    page.get_by_role("button", name="Try all again").click()
    expect(page.locator("#upload-summary")).to_have_text("2 of 2 done")
    expect(page.locator("#upload-total")).to_be_hidden()


def test_a_thousand_files_do_not_make_a_thousand_rows(signed_in: Page, drop: Drop) -> None:
    page = signed_in
    page.route(API, lambda _: None)
    upload(page, drop, *((f"{number}.png", RED[1]) for number in range(1000)))
    expect(page.locator("#upload-summary")).to_have_text("0 of 1000 done")
    assert page.locator(".upload").count() == 100
    # Of what is out of sight nothing is read.
    assert page.locator(".upload img[src]").count() < 60
    page.get_by_role("button", name="Cancel what is left").click()
    expect(page.locator("#upload-summary")).to_have_text("0 of 0 done")


def test_a_picture_is_pasted_on_any_page(signed_in: Page, worker: Worker) -> None:
    page = signed_in
    page.goto("/albums/")
    page.wait_for_load_state()
    page.evaluate(
        """bytes => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "pasted.png"));
            const event = new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true });
            document.body.dispatchEvent(event);
        }""",
        list(RED[1]),
    )
    expect(row(page, "pasted.png")).to_have_attribute("data-state", "ready")


def test_what_was_chosen_before_the_script_was_there_is_sent(
    signed_in: Page, worker: Worker
) -> None:
    page, held = signed_in, list[Route]()

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"/upload(\.\w+)?\.js"), hold)
    page.goto("/upload/", wait_until="commit")
    name, data = RED
    page.locator("input[name=pictures]").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": data}
    )
    held[0].continue_()
    expect(row(page, name)).to_have_attribute("data-state", "ready")
    assert page.locator("input[name=pictures]").input_value() == ""

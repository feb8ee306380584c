"""What people come for, in a real browser: upload pictures and find those that look alike."""

import re
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Dialog, Locator, Page, expect

from gallery.ingest import store_image
from gallery.models import User
from gallery.rendering import render_next
from tests.browser.conftest import Drop, Worker
from tests.conftest import picture_bytes

RED = ("red.png", picture_bytes("red"))
DARK_RED = ("dark red.png", picture_bytes((200, 20, 20)))
BLUE = ("blue.png", picture_bytes("blue"))


def upload(page: Page, drop: Drop, *files: tuple[str, bytes]) -> None:
    page.get_by_role("link", name="Upload").first.click()
    # Set once the script listens.
    expect(page.locator("html.scripted")).to_be_attached()
    drop(*files)


def row(page: Page, name: str) -> Locator:
    return page.locator(".upload").filter(has_text=name)


def test_upload_three_find_similar_and_go_back(signed_in: Page, worker: Worker, drop: Drop) -> None:
    page = signed_in
    upload(page, drop, RED, BLUE, DARK_RED)
    for name in ("red.png", "blue.png", "dark red.png"):
        expect(row(page, name).first).to_have_attribute("data-state", "ready")
    expect(page.locator("#upload-summary")).to_have_text("3 of 3 done")

    page.get_by_role("link", name="Lookalike").click()
    tile = page.locator(".tile").filter(has=page.get_by_alt_text("red", exact=True))
    tile.get_by_role("link", name="Find pictures similar to").click()
    expect(page.get_by_role("heading", name="red")).to_be_visible()
    expect(page.locator(".tile img")).to_have_count(2)
    names = [image.get_attribute("alt") for image in page.locator(".tile img").all()]
    assert names == ["dark red", "blue"]
    distances = [float(text[-6:]) for text in page.locator(".distance").all_inner_texts()]
    assert distances == sorted(distances)
    assert 0 < distances[0] < 0.3 < distances[1]

    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.locator(".tile img")).to_have_count(3)


def test_a_bad_file_among_good_ones(signed_in: Page, worker: Worker, drop: Drop) -> None:
    page = signed_in
    upload(page, drop, RED, ("notes.txt", b"no picture"), BLUE)
    expect(row(page, "notes.txt")).to_have_attribute("data-state", "rejected")
    expect(row(page, "notes.txt")).to_contain_text("This is not an image we can read")
    expect(row(page, "red.png")).to_have_attribute("data-state", "ready")
    expect(row(page, "blue.png")).to_have_attribute("data-state", "ready")


def test_the_same_picture_again_leads_to_the_one_there_is(
    signed_in: Page, worker: Worker, drop: Drop
) -> None:
    page = signed_in
    upload(page, drop, RED)
    expect(row(page, "red.png")).to_have_attribute("data-state", "ready")
    drop(("again.png", RED[1]))
    expect(row(page, "again.png")).to_contain_text("already in your gallery")
    row(page, "again.png").get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", name="red")).to_be_visible()


def test_files_can_be_chosen_and_labelled(signed_in: Page, worker: Worker) -> None:
    page = signed_in
    page.get_by_role("link", name="Upload").first.click()
    page.get_by_label("Album").fill("Walls")
    page.get_by_label("Tags").fill("brick, paint")
    name, data = RED
    page.locator("input[name=pictures]").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": data}
    )
    expect(row(page, name)).to_have_attribute("data-state", "ready")
    row(page, name).get_by_role("link", name="Open").click()
    for label in ("Walls", "brick", "paint"):
        expect(page.get_by_role("link", name=label)).to_be_visible()


def test_the_page_waits_visibly_then_shows(signed_in: Page, worker: Worker, drop: Drop) -> None:
    page = signed_in
    worker.embeds.clear()
    upload(page, drop, RED, DARK_RED)
    expect(row(page, "dark red.png")).to_contain_text("waiting for its embedding")
    row(page, "dark red.png").get_by_role("link", name="Find similar").click()
    expect(page.get_by_text("for the first time")).to_be_visible()
    worker.embeds.set()
    expect(page.locator(".tile img")).to_have_count(1)
    expect(page.get_by_text("for the first time")).to_be_hidden()


def test_placeholders_become_pictures(signed_in: Page, owner: User) -> None:
    page = signed_in
    store_image(owner, SimpleUploadedFile(*RED))
    page.reload()
    expect(page.locator(".tile .placeholder")).to_be_visible()
    render_next()
    expect(page.locator(".tile img")).to_be_visible()
    expect(page.locator(".poller")).to_have_count(0)


def test_what_the_browser_cannot_show_gets_the_server_s_thumbnail(
    signed_in: Page, worker: Worker, drop: Drop
) -> None:
    page = signed_in
    upload(page, drop, ("scan.tif", picture_bytes("red", format="TIFF")))
    expect(row(page, "scan.tif")).to_have_attribute("data-state", "ready")
    expect(row(page, "scan.tif").locator("img")).to_have_attribute("src", re.compile("thumbnail"))
    expect(row(page, "scan.tif").locator("img")).to_be_visible()


def test_a_lost_connection_can_be_tried_again(signed_in: Page, worker: Worker, drop: Drop) -> None:
    page = signed_in
    page.route("**/api/v1/images/", lambda route: route.abort())
    upload(page, drop, RED)
    expect(row(page, "red.png")).to_contain_text("The connection was lost.")
    page.unroute("**/api/v1/images/")
    row(page, "red.png").get_by_role("button", name="Try again").click()
    expect(row(page, "red.png")).to_have_attribute("data-state", "ready")


def test_a_file_that_is_too_large_is_not_even_sent(
    signed_in: Page, drop: Drop, settings: Any
) -> None:
    settings.IMAGE_MAX_BYTES = 10
    upload(signed_in, drop, RED)
    expect(row(signed_in, "red.png")).to_contain_text("larger than the 0.0 MB")


def test_leaving_while_uploading_asks_first(signed_in: Page, drop: Drop) -> None:
    page = signed_in
    page.route("**/api/v1/images/", lambda _: None)
    upload(page, drop, RED)
    expect(row(page, "red.png")).to_have_attribute("data-state", re.compile("sending|received"))
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="Albums").click()
    page.wait_for_url("/albums/")
    assert asked == ["beforeunload"]


def tab_to(page: Page, target: Locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.count() and target.evaluate("target => target === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {target}")


def test_by_the_keyboard_alone_from_an_upload_to_a_similar_picture_in_an_album(
    signed_in: Page, worker: Worker, tmp_path: Path
) -> None:
    page = signed_in
    for name, data in (RED, DARK_RED, BLUE):
        (tmp_path / name).write_bytes(data)
    tab_to(page, page.get_by_role("link", name="Upload", exact=True))
    page.keyboard.press("Enter")
    page.wait_for_url("/upload/")
    tab_to(page, page.get_by_label("Album"))
    page.keyboard.type("Walls")
    tab_to(page, page.locator("input[name=pictures]"))
    # The browser's own dialog is not part of the page.
    page.locator(":focus").set_input_files(sorted(tmp_path.iterdir()))
    for name in ("red.png", "dark red.png", "blue.png"):
        uploaded = page.locator(".upload").filter(has=page.get_by_text(name, exact=True))
        expect(uploaded).to_have_attribute("data-state", "ready")
    red = page.locator(".upload").filter(has=page.get_by_text("red.png", exact=True))
    tab_to(page, red.get_by_role("link", name="Find similar"))
    page.keyboard.press("Enter")
    expect(page.locator(".tile img")).to_have_count(2)
    # Once the script listens.
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="dark red", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="dark red")).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Walls"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Walls")).to_be_visible()
    expect(page.locator(".tile img")).to_have_count(3)


def test_a_whole_folder_with_one_bad_file(signed_in: Page, worker: Worker, tmp_path: Path) -> None:
    page = signed_in
    for name, data in (RED, ("notes.txt", b"no picture"), BLUE):
        (tmp_path / name).write_bytes(data)
    page.get_by_role("link", name="Upload").first.click()
    expect(page.locator("html.scripted")).to_be_attached()
    page.locator("#choose-folder").set_input_files(tmp_path)
    expect(row(page, "notes.txt")).to_contain_text("This is not an image we can read")
    for name in ("red.png", "blue.png"):
        expect(row(page, name)).to_have_attribute("data-state", "ready")

"""Tags are completed while one types, by keyboard and by touch."""

import re

from playwright.sync_api import Page, expect

from gallery.models import Image, User
from tests.browser.conftest import store


def test_a_tag_is_completed_in_place(signed_in: Page, owner: User) -> None:
    page = signed_in
    store(owner, "red", tags=["harbour", "north harbour"])
    image = store(owner, "blue", tags=["boats"])
    page.goto(f"/images/{image.pk}/")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("e")
    field = page.get_by_label("Tags")
    field.press("End")
    field.press_sequentially(", harb")
    options = page.locator("[data-tag]")
    expect(options).to_have_count(2)
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(field).to_have_value("boats, harbour, ")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_hidden()

    field.press_sequentially("nor")
    options.filter(has_text="north harbour").click()
    expect(field).to_have_value("boats, harbour, north harbour, ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="north harbour")).to_be_visible()
    assert sorted(tag.name for tag in Image.objects.get(pk=image.pk).tags.all()) == [
        "boats",
        "harbour",
        "north harbour",
    ]


def test_tags_of_many_are_completed(signed_in: Page, owner: User) -> None:
    page = signed_in
    store(owner, "red", tags=["harbour"])
    image = store(owner, "blue", title="Blue")
    page.goto("/")
    page.get_by_role("checkbox", name=re.compile("Blue")).check()
    page.get_by_role("button", name="Tags").click()
    field = page.get_by_label("Tags, separated by commas")
    field.press_sequentially("har")
    expect(page.locator("[data-tag]")).to_have_count(1)
    field.press("ArrowDown")
    field.press("Enter")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("1 picture is tagged.")).to_be_visible()
    assert image.tags.get().name == "harbour"


def test_escape_closes_the_list_and_leaves_the_field(signed_in: Page, owner: User) -> None:
    page = signed_in
    store(owner, "red", tags=["harbour"])
    page.goto("/upload/")
    field = page.get_by_label("Tags")
    field.press_sequentially("har")
    expect(page.locator("[data-tag]")).to_have_count(1)
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("har")

"""An evaluation is started in the page, waited for, and fits a small phone."""

import pytest
from playwright.sync_api import Page, expect

from gallery.models import User
from search.evaluations.working import evaluate_next
from search.indexing import embed_batch
from search.models import Embedding
from tests.browser.conftest import store
from tests.browser.test_narrow_screens import SMALL_PHONE

COLORS = {"warm" * 10: ["red", "#ff4000", "#ff0040"], "cold": ["blue", "#0040ff", "#4000ff"]}


@pytest.fixture
def labelled(owner: User) -> None:
    owner.is_staff = owner.is_superuser = True
    owner.save()
    for tag, colors in COLORS.items():
        for color in colors:
            store(owner, color, title="W" * 60, tags=[tag])
    while embed_batch(Embedding.objects.all()):
        pass


def measure(page: Page) -> None:
    page.goto("/evaluations/")
    if not page.get_by_label("At least so many pictures a label").is_visible():
        page.get_by_text("New evaluation").click()
    page.get_by_label("At least so many pictures a label").fill("3")
    page.get_by_role("button", name="Measure").click()
    expect(page.get_by_role("heading", name="Being measured …")).to_be_visible()
    evaluate_next()
    expect(page.get_by_role("img", name="Precision and recall")).to_be_visible()


def test_it_is_started_waited_for_and_compared(labelled: None, signed_in: Page) -> None:
    signed_in.set_viewport_size(SMALL_PHONE)
    for _ in range(2):
        measure(signed_in)
        width = signed_in.evaluate("document.documentElement.scrollWidth")
        assert width <= SMALL_PHONE["width"]
    signed_in.goto("/evaluations/")
    for box in signed_in.get_by_role("checkbox", name="Compare number").all():
        box.check()
    signed_in.get_by_role("button", name="Compare those ticked").click()
    expect(signed_in.get_by_text("no certain difference").first).to_be_visible()
    width = signed_in.evaluate("document.documentElement.scrollWidth")
    assert width <= SMALL_PHONE["width"]

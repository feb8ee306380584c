"""Who runs the gallery sees it fare, live, and has what failed tried again."""

from playwright.sync_api import Page, ViewportSize, expect

from gallery.models import User
from search.indexing import request_embeddings
from search.models import Embedding
from tests.browser.conftest import Worker, store


def test_what_failed_is_seen_and_tried_again(signed_in: Page, owner: User, worker: Worker) -> None:
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    worker.embeds.clear()
    image = store(owner, "red")
    request_embeddings([image])
    Embedding.objects.filter(image=image).fail("The file ends too early.", vector=None)
    signed_in.reload()
    signed_in.get_by_role("button", name="Menu of alice").click()
    signed_in.get_by_role("link", name="System").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("No worker listens on")
    embeddings = signed_in.get_by_role("row", name="Embeddings by tiny")
    expect(embeddings.get_by_role("cell").nth(5)).to_have_text("1")
    signed_in.get_by_role("button", name="Retry").click()
    expect(signed_in.get_by_role("status").first).to_have_text("1 image waits for a worker.")
    expect(embeddings.get_by_role("cell").first).to_have_text("1")
    # Without a click: the page looks by itself.
    worker.embeds.set()
    expect(embeddings.get_by_role("cell").first).to_have_text("0")


def test_it_is_no_wider_than_a_small_phone(signed_in: Page, owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    request_embeddings([store(owner, "red")])
    Embedding.objects.all().fail("W" * 200)
    signed_in.set_viewport_size(ViewportSize(width=320, height=568))
    signed_in.goto("/system/")
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 320

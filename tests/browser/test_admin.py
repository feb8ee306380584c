"""Who runs the gallery compares, mends, gathers, switches and uploads in Django admin."""

from time import sleep
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from gallery import jobs
from gallery.models import Album, User
from search.indexing import request_embeddings
from search.models import Embedding, Encoder
from search.synthetic import fill
from tests.browser.conftest import Drop, Worker, store
from tests.conftest import picture_bytes
from tests.tiny_encoder import OtherEncoder

IMAGES = "/admin/gallery/image/"


@pytest.fixture
def run_by(signed_in: Page, owner: User) -> Page:
    """The page of Alice, who runs the gallery."""
    User.objects.filter(pk=owner.pk).update(is_staff=True, is_superuser=True)
    return signed_in


def act(page: Page, action: str) -> None:
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name="Go", exact=True).click()


def test_images_are_ordered_by_their_distance(run_by: Page, owner: User, worker: Worker) -> None:
    images = [store(owner, color, title=color) for color in ("red", "blue", "#ff3000")]
    request_embeddings(images)
    expect_all_embedded()
    run_by.goto(IMAGES)
    run_by.get_by_label("Number of an image").fill(str(images[0].pk))
    run_by.keyboard.press("Enter")
    expect(run_by.locator("#result_list .field-title")).to_have_text(["#ff3000", "blue"])
    expect(run_by.locator("#result_list .field-distance")).to_have_count(2)
    run_by.get_by_role("link", name="similar to blue").click()
    expect(run_by.locator("#result_list .field-title").last).to_have_text("red")


def expect_all_embedded() -> None:
    """Wait for the worker."""
    for _ in range(200):
        if not Embedding.objects.pending().exists():
            return
        sleep(0.1)
    raise AssertionError("nobody embeds")


def test_a_failed_image_is_tried_again(run_by: Page, owner: User, worker: Worker) -> None:
    worker.embeds.clear()
    image = store(owner, "red", title="Broken")
    request_embeddings([image])
    Embedding.objects.all().fail("The file ends too early.", vector=None)
    run_by.goto(IMAGES)
    run_by.get_by_role("navigation", name="Filter").get_by_role("link", name="failed").first.click()
    expect(run_by.locator(".field-reason")).to_have_text("The file ends too early.")
    run_by.get_by_label("Select this object for an action - Broken").check()
    act(run_by, "Retry failed embeddings")
    expect(run_by.get_by_text("Retry failed embeddings: 1 picture changed.")).to_be_visible()
    worker.embeds.set()
    expect_all_embedded()
    run_by.goto(IMAGES)
    expect(run_by.locator(".field-state")).to_have_text("ready")


def test_five_hundred_are_put_into_an_album_while_one_looks(
    run_by: Page, owner: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.changes.clear()
    monkeypatch.setattr(jobs, "CHUNK", 100)
    assert sum(fill(owner, Encoder.objects.get(name="tiny"), 500)) == 500
    album = Album.objects.create(owner=owner, title="Walls")
    run_by.goto(IMAGES)
    run_by.locator("#action-toggle").check()
    run_by.get_by_text("Select all 500 images").click()
    act(run_by, "Add to an album")
    expect(run_by.get_by_text("500 pictures are chosen.")).to_be_visible()
    run_by.locator(".select2-selection").click()
    run_by.get_by_role("option", name="Walls").click()
    run_by.get_by_role("button", name="Add to an album").click()
    expect(run_by.get_by_role("status")).to_have_text("0 of 500 pictures done …")
    assert jobs.work_next()
    assert jobs.work_next()
    # Without a click: the page looks by itself.
    expect(run_by.get_by_role("status")).to_have_text("200 of 500 pictures done …")
    worker.changes.set()
    expect(run_by.get_by_role("status")).to_have_text("500 of 500 pictures done")
    expect(run_by.get_by_role("row", name="Changed")).to_contain_text("500")
    assert album.items.count() == 500


def test_a_second_encoder_answers_and_the_first_one_again(
    run_by: Page, owner: User, worker: Worker, settings: Any
) -> None:
    settings.ENCODERS = {**settings.ENCODERS, "other": "tests.tiny_encoder.OtherEncoder"}
    Encoder.objects.create(name="other", digest=OtherEncoder.digest, dimensions=12)
    request_embeddings([store(owner, "red")])
    expect_all_embedded()
    for name in ("other", "tiny"):
        run_by.goto("/admin/search/encoder/")
        row = run_by.get_by_role("row", name=name)
        expect(row.get_by_role("progressbar")).to_have_attribute("value", "1")
        row.get_by_role("checkbox").check()
        act(run_by, "Activate: let it answer")
        expect(run_by.get_by_text(f"From now on {name}")).to_be_visible()
        active = Encoder.objects.active()
        assert active is not None
        assert active.name == name


def test_files_are_dropped_on_an_album(
    run_by: Page, owner: User, worker: Worker, drop: Drop
) -> None:
    bob = User.objects.create_user("bob")
    album = Album.objects.create(owner=bob, title="Walls")
    run_by.goto(f"/admin/gallery/album/{album.pk}/change/")
    expect(run_by.get_by_text("Drop pictures here, or choose them")).to_be_visible()
    colors = ("red", "blue", "green")
    drop(*((f"{color}.png", picture_bytes(color)) for color in colors), ("notes.txt", b"none"))
    expect(run_by.locator("#upload-summary")).to_have_text("4 of 4 done")
    states = run_by.locator(".upload-state")
    expect(states.filter(has_text="ready")).to_have_count(3)
    expect(states.filter(has_text="not an image")).to_have_count(1)
    run_by.reload()
    expect(run_by.locator("#contents img")).to_have_count(3)
    assert {image.owner for image in album.images.all()} == {bob}


def test_its_pages_are_no_wider_than_a_phone(run_by: Page, owner: User, worker: Worker) -> None:
    image = store(owner, "red", (1200, 300), album="Walls")
    job = jobs.start(owner, "trash", [image.pk], {})
    run_by.set_viewport_size(ViewportSize(width=375, height=700))
    album = Album.objects.get()
    for page in (
        IMAGES,
        f"{IMAGES}{image.pk}/change/",
        f"/admin/gallery/album/{album.pk}/change/",
        f"/admin/gallery/bulkjob/{job.pk}/change/",
    ):
        run_by.goto(page)
        assert run_by.evaluate("document.documentElement.scrollWidth") <= 375

"""A real Chromium, the site on a port of this machine, and a worker beside it."""

import shutil
from collections.abc import Callable, Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from gallery.ingest import Labels, store_image
from gallery.jobs import work_next
from gallery.models import Image, Rendering, State, User
from gallery.rendering import render_next
from search.explaining import explain_next
from search.indexing import embed_batch
from search.models import Embedding
from tests.conftest import contributor, picture_bytes

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
REMEDY = "no Chromium: `apt install chromium`, or `.venv/bin/python -m playwright install chromium`"
# Longer than any step takes on a busy machine.
PATIENCE_MS = 20_000
LAST = datetime(2026, 10, 31, 18, tzinfo=UTC)
SIZES = [(400, 300), (300, 400), (400, 400), (640, 360), (300, 450)]
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The system's own, else the one that Playwright installed."""
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright's loop runs in this thread, and Django takes that for asynchronous code.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        installed = next(filter(None, map(shutil.which, CHROMIUM)), None)
        executable = Path(installed or playwright.chromium.executable_path)
        if not executable.exists():
            pytest.skip(REMEDY)
        # No sandbox: it needs rights that a container or root does not give. The pages are ours.
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """An empty page; what goes wrong in it fails the test."""
    context = chromium.new_context(base_url=live_server.url)
    context.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Policy" in said.text else None)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def owner(transactional_db: None) -> User:
    return contributor("alice")


def store(owner: User, color: Any, size: tuple[int, int] = (64, 48), **labels: Any) -> Image:
    """Store a picture of one colour and make its renditions."""
    file = SimpleUploadedFile("picture.png", picture_bytes(color, size))
    image, _ = store_image(owner, file, Labels(**labels))
    render_next()
    return image


def crowd(owner: User, count: int, days: int = 300) -> list[Image]:
    """So many pictures, newest first, all with one file: a third of one day, the rest of others."""
    one = store(owner, "red", title="No. 0")
    Image.objects.filter(pk=one.pk).update(taken_at=LAST)
    images = []
    for number in range(1, count):
        image = copy(one)
        image.pk = None
        image.title, image.sha256 = f"No. {number}", f"{number:064}"
        image.width, image.height = SIZES[number % len(SIZES)]
        day = max(number - count // 3, 0) * days // count
        image.taken_at = LAST - timedelta(days=day, seconds=number)
        images.append(image)
    Image.objects.bulk_create(images)
    Rendering.objects.bulk_create(Rendering(image=image, state=State.READY) for image in images)
    return [one, *images]


def without_files(page: Page) -> None:
    """Spare the browser the pictures' files, of which a crowd has none."""
    page.route("**/*.jpg*", lambda route: route.abort())


def scroll_to(page: Page, title: str) -> None:
    """Until the picture is there, and on to it: far below it would be put away again."""
    reach = """title => {
        const picture = document.querySelector(`#tiles img[alt="${title}"]`);
        if (picture) picture.scrollIntoView();
        else scrollBy(0, 1000);
        return Boolean(picture);
    }"""
    for _ in range(300):
        if page.evaluate(reach, title):
            return
        page.wait_for_timeout(150)
    raise AssertionError(f"{title} does not come")


class Worker:
    """What the workers do, in a thread that can be made to wait."""

    def __init__(self) -> None:
        self.embeds, self.changes, self._stops = Event(), Event(), Event()
        self.embeds.set()
        self.changes.set()
        self._thread = Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stops.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stops.wait(0.05):
            render_next()
            if self.changes.is_set():
                work_next()
            if self.embeds.is_set():
                embed_batch(Embedding.objects.all())
                explain_next()
        connection.close()


@pytest.fixture
def worker(owner: User) -> Iterator[Worker]:
    worker = Worker()
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def signed_in(page: Page, owner: User) -> Page:
    sign_in_as_alice(page)
    return page


def sign_in_as_alice(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("alice-secret")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("/")


Drop = Callable[..., None]


@pytest.fixture
def drop(page: Page) -> Drop:
    """Drop files on the page: `drop(("red.png", data), …)`."""

    def dropped(*files: tuple[str, bytes]) -> None:
        transfer = page.evaluate_handle(
            """files => {
                const transfer = new DataTransfer();
                for (const [name, bytes] of files)
                    transfer.items.add(new File([new Uint8Array(bytes)], name));
                return transfer;
            }""",
            [[name, list(data)] for name, data in files],
        )
        page.dispatch_event("body", "drop", {"dataTransfer": transfer})

    return dropped

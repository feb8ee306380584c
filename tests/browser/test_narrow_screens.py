"""Nothing sticks out of a small phone's screen."""

from playwright.sync_api import Page, ViewportSize

from gallery.models import User
from search.models import Encoder, SavedSearch
from tests.browser.conftest import store

PAGES = [
    "/",
    "/?tag=wall&owner=alice",
    "/upload/",
    "/albums/",
    "/tags/",
    "/images/{pk}/",
    "/images/{pk}/edit/",
    "/trash/",
    "/images/{pk}/similar/?tag=wall",
    "/images/{pk}/similar/?limit=0",
    "/images/{pk}/similar/{pk}/why/",
    "/search/",
    "/search/?positive={pk}&tag=wall",
    "/images/{pk}/similar/?compare=other",
    "/searches/",
    "/searches/{saved}/",
    "/searches/{saved}/rename/",
    "/searches/{saved}/delete/",
    "/nothing/",
]
SMALL_PHONE = ViewportSize(width=320, height=568)


def test_no_page_is_wider_than_the_screen(signed_in: Page, owner: User, other: Encoder) -> None:
    image = store(owner, "red", size=(4000, 300), title="W" * 120, tags=["wall"], album="A" * 90)
    asked = {"positive": str(image.pk), "album": "A" * 90}
    saved = SavedSearch.objects.create(owner=owner, name="W" * 100, asked=asked)
    signed_in.set_viewport_size(SMALL_PHONE)
    for address in PAGES:
        signed_in.goto(address.format(pk=image.pk, saved=saved.pk))
        width = signed_in.evaluate("document.documentElement.scrollWidth")
        assert width <= SMALL_PHONE["width"], address

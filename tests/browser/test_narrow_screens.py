"""Nothing sticks out of a small phone's screen, and nothing lies upon something else."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from gallery.models import User
from search.indexing import embed_batch
from search.models import DistanceScale, Embedding, Encoder, SavedSearch
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


# The rectangles of what lies on a tile and overlaps something else on it.
OVERLAPPING = """
() => [...document.querySelectorAll("ol.tiles .tile")].flatMap((tile) => {
  const shown = [...tile.querySelectorAll(".tick, .mark, .distance, .find-similar, .why-link")];
  const areas = shown.map((one) => [one.className, one.getBoundingClientRect()]);
  return areas.flatMap(([name, a], at) => areas.slice(at + 1)
    .filter(([, b]) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
    .map(([other]) => `${name} and ${other}`));
})
"""


@pytest.mark.parametrize("query", ["", "&mark=on"])
def test_what_lies_on_a_result_does_not_overlap(signed_in: Page, owner: User, query: str) -> None:
    encoder = Encoder.objects.get(name="tiny")
    DistanceScale.objects.create(encoder=encoder, quantiles=[1.0] * 101, images=500)
    shapes = [(64, 48), (48, 64), (64, 64), (96, 64), (20, 90), (90, 20), (64, 48), (60, 64)]
    images = [store(owner, (9 * at, 0, 0), size=shape) for at, shape in enumerate(shapes)]
    while embed_batch(Embedding.objects.all()):
        pass
    for width in (320, 375, 768, 1440):
        signed_in.set_viewport_size({"width": width, "height": 800})
        signed_in.goto(f"/images/{images[0].pk}/similar/?alike=apart{query}")
        expect(signed_in.locator("ol.tiles .tile")).to_have_count(7)
        assert signed_in.evaluate(OVERLAPPING) == [], width

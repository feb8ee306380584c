"""axe finds nothing against WCAG 2.2 AA on any page, light or dark, on a phone or a desk."""

from http import HTTPStatus
from typing import Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import render_to_string
from playwright.sync_api import Page, ViewportSize

from gallery.models import Album, Image, Invitation, Role, ShareLink, State, User
from search.asking import ask_by_part, embed_next_query
from search.evaluations.forms import start
from search.evaluations.working import evaluate_next
from search.indexing import embed_batch, request_embeddings
from search.models import Embedding, Encoder, SavedSearch, Training
from tests.browser.conftest import store
from tests.search.test_training_pages import EPOCH, report

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What a person gets to see in whose browser nobody has signed in.
SIGNED_OUT = [
    "/",
    "/albums/",
    "/tags/",
    "/sign-in/",
    "/sign-up/",
    "/password/",
    "/nothing/",
    "/join/{invitation}/",
    "{album_link}",
    "{album_link}{image}/",
    "{image_link}",
    "{locked_link}",
]
SIGNED_IN = [
    "/",
    "/?tag=warm&sort=title",
    "/?q=nowhere",
    "/?after=never",
    "/images/{image}/",
    "/images/{waiting}/",
    "/images/{image}/edit/",
    "/images/{image}/share/",
    "/albums/",
    "/albums/{album}/share/",
    "/tags/",
    "/upload/",
    "/trash/",
    "/account/",
    "/account/password/",
    "/people/",
    "/images/{image}/similar/",
    "/images/{image}/similar/?mark=on",
    "/images/{image}/similar/?limit=0",
    "/images/{image}/similar/?tag=nowhere",
    "/images/{waiting}/similar/",
    "/images/{image}/similar/?compare=other",
    "/images/{image}/similar/{near}/why/",
    "/search/",
    "/search/{query}/",
    "/search/?positive={image}&negative={near}",
    "/searches/",
    "/searches/{saved}/",
    "/searches/{saved}/rename/",
    "/searches/{saved}/delete/",
    "/trainings/",
    "/trainings/{training}/",
    "/evaluations/",
    "/evaluations/{evaluation}/",
    "/system/",
]
FAULTS = ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"]


# What a click opens: the page, what is clicked.
OPENED = [
    ("/", ".filters summary"),
    ("/", ".avatar"),
    ("/", ".avatar, [popovertarget=keys]"),
    ("/", ".pick input"),
    ("/", ".pick input, [popovertarget=selection-tags]"),
    ("/", ".pick input, [popovertarget=selection-album]"),
    ("/", ".pick input, [popovertarget=selection-more]"),
    ("/images/{image}/", ".actions a:text-is('Edit')"),
    ("/images/{image}/", "[popovertarget=sizes]"),
    ("/images/{image}/similar/", ".filters summary"),
    ("/images/{image}/similar/", ".tick input"),
]


class Look(NamedTuple):
    """How a page is looked at."""

    width: int
    scheme: Literal["light", "dark"]


LOOKS = [Look(375, "light"), Look(375, "dark"), Look(1440, "light"), Look(1440, "dark")]


def found_on(page: Page, address: str) -> list[str]:
    """What axe has to say of the page, however it is looked at."""
    found = []
    for look in LOOKS:
        page.set_viewport_size(ViewportSize(width=look.width, height=800))
        page.emulate_media(color_scheme=look.scheme)
        options = {"runOnly": STANDARD, "resultTypes": ["violations"]}
        for violation in Axe().run(page, options=options).response["violations"]:
            places = [node["html"][:160] for node in violation["nodes"]]
            found.append(f"{address} {look}: {violation['help']}: {places}")
    return found


@pytest.fixture
def pictures(owner: User) -> list[Image]:
    """Alice's, who may do anything: some that are similar, one in the trash, and one that waits."""
    owner.is_staff = owner.is_superuser = True
    owner.save()
    colors = ["red", "#f80000", "#f00000", "blue", "#0000f8", "#0000f0"]
    images = [
        store(owner, color, title=color, tags=["warm" if at < 3 else "cold"], album="Walls")
        for at, color in enumerate(colors)
    ]
    Image.objects.filter(pk=images[0].pk).update(rating=4, description="A wall.")
    while embed_batch(Embedding.objects.all()):
        pass
    Image.objects.filter(pk=store(owner, "green").pk).trash()
    request_embeddings([store(owner, "white", title="waits")])
    return images


@pytest.fixture
def names(owner: User, pictures: list[Image], other: Encoder) -> dict[str, object]:
    """What stands in the addresses of pages, by the name of its place."""
    image, near, *_rest = pictures
    waiting, album = Image.objects.get(title="waits"), Album.objects.get()
    encoder = Encoder.objects.get(name="tiny")
    query = ask_by_part(owner, image, encoder, {}, (0.0, 0.0, 0.5, 0.5))
    embed_next_query()
    return {
        "image": image.pk,
        "near": near.pk,
        "waiting": waiting.pk,
        "album": album.pk,
        "invitation": Invitation(made_by=owner, role=Role.VIEWER, note="Dora").issue(),
        "album_link": ShareLink.issue(album, days=7).address,
        "image_link": ShareLink.issue(image, days=7).address,
        "locked_link": ShareLink.issue(album, days=7, password="open sesame").address,
        "query": query.pk,
        "saved": SavedSearch.objects.create(
            owner=owner, name="Walls", asked={"positive": str(image.pk)}
        ).pk,
        "training": trained(owner, image, near),
        "evaluation": evaluated(owner, encoder),
    }


def trained(owner: User, *images: Image) -> int:
    recipe = {"kind": "classic", "learning_rate": 0.1, "optimizer": "sgd"}
    training = Training.objects.create(
        name="mine",
        started_by=owner,
        source="tags",
        at_least=2,
        recipe=recipe,
        classes=["cat", "dog"],
        epochs=[EPOCH],
        state=State.READY,
        report=report(*(image.pk for image in images)),
    )
    return training.pk


def evaluated(owner: User, encoder: Encoder) -> int:
    asked = {"labels": "tags", "at_least": 3, "part": "", "k": 10, "votes": 5, "seed": 0}
    evaluation = start(owner, encoder, **asked)
    evaluate_next()
    return evaluation.pk


def test_pages_of_somebody_who_has_signed_in(signed_in: Page, names: dict[str, object]) -> None:
    found = []
    for address in SIGNED_IN:
        answer = signed_in.goto(address.format(**names))
        assert answer
        assert answer.status != HTTPStatus.NOT_FOUND, address
        found += found_on(signed_in, address)
    assert found == []


def test_what_opens_on_pages(signed_in: Page, names: dict[str, object]) -> None:
    found = []
    for address, clicked in OPENED:
        signed_in.goto(address.format(**names))
        for selector in clicked.split(", "):
            signed_in.locator(selector).first.click(force=True)
        found += found_on(signed_in, f"{address} {clicked}")
    assert found == []


def test_pages_of_anybody(page: Page, names: dict[str, object], settings: Any) -> None:
    settings.SIGN_UP = Role.VIEWER
    found = []
    for address in SIGNED_OUT:
        page.goto(address.format(**names))
        found += found_on(page, address)
    assert found == []


def test_a_gallery_without_pictures(signed_in: Page) -> None:
    found = []
    for address in ("/", "/albums/", "/tags/", "/trash/", "/searches/"):
        signed_in.goto(address)
        found += found_on(signed_in, address)
    assert found == []


@pytest.mark.parametrize("template", FAULTS)
def test_pages_that_tell_of_an_error(page: Page, owner: User, template: str) -> None:
    body = render_to_string(template)
    page.route("/fault", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("/fault")
    assert found_on(page, template) == []

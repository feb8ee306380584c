"""Asking by a picture at /search/, and its answer at /search/<uuid>/."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Pillow

from gallery.ingest import store_image
from gallery.models import Image, User
from gallery.tasks import delete_stray_files
from search import fetching
from search.api import queries
from search.asking import embed_next_query
from search.models import Query
from tests.conftest import Picture, picture_bytes
from tests.search.hostile import picture as served
from tests.search.hostile import serving
from tests.search.test_fetching import LOCAL

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def colours(store: Store, embed: Callable[..., None]) -> dict[str, Image]:
    images = [store("red", title="red"), store("#ff9000", title="amber", tags=["warm"])]
    images += [store("blue", title="blue"), store("#1010ff", title="sea", tags=["warm"])]
    embed(*images)
    return {image.title: image for image in images}


@pytest.fixture
def asked(sign_in: SignIn, alice: User, colours: dict[str, Image], picture: Picture) -> str:
    """The address of the answer to a reddish picture of Alice's."""
    response = sign_in(alice).post("/search/", {"file": picture("#ff0505")})
    embed_next_query()
    return str(response.headers["Location"])


def titles(client: Client, address: str) -> list[str]:
    return [found.image.title for found in client.get(address).context["neighbours"].results]


def test_a_picture_is_asked_with_and_not_stored(client: Client, asked: str) -> None:
    assert titles(client, asked) == ["red", "amber", "sea", "blue"]
    assert Image.objects.count() == 4


def test_it_waits_visibly_then_shows(
    sign_in: SignIn, alice: User, picture: Picture, colours: dict[str, Image]
) -> None:
    client = sign_in(alice)
    address = client.post("/search/", {"file": picture()}).headers["Location"]
    waiting = client.get(address).content.decode()
    assert f'hx-get="{address}" hx-trigger="every 1s"' in waiting
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting
    embed_next_query()
    assert "every 1s" not in client.get(address).content.decode()


def test_its_picture_is_for_its_asker_alone(
    client: Client, asked: str, sign_in: SignIn, bob: User
) -> None:
    page = client.get(f"{asked}picture.jpg")
    assert (page.status_code, page.headers["Content-Type"]) == (200, "image/jpeg")
    assert page.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in page.headers["Cache-Control"]
    assert page.getvalue().startswith(b"\xff\xd8")
    assert sign_in(bob).get(f"{asked}picture.jpg").status_code == 404


def test_a_stranger_gets_404(asked: str, sign_in: SignIn, charlie: User) -> None:
    client = sign_in(charlie)
    assert client.get(asked).status_code == 404
    assert client.post(f"{asked}forget/").status_code == 404
    query = Query.objects.get().pk
    response = client.post("/search/", {"query": query, **PART})
    assert (response.status_code, Query.objects.count()) == (400, 1)


def test_signed_out_people_sign_in_first(asked: str) -> None:
    for address in ("/search/", "/search/?positive=1", asked, f"{asked}picture.jpg"):
        assert "/sign-in/?next=" in Client().get(address).headers["Location"]


def test_a_search_is_forgotten_with_its_picture(client: Client, asked: str) -> None:
    name = Query.objects.get().file_name
    client.post("/search/", {"query": Query.objects.get().pk, **PART})
    response = client.post(f"{asked}forget/", follow=True)
    assert "are forgotten" in response.content.decode()
    delete_stray_files()
    assert not Query.objects.exists()
    assert not default_storage.exists(name)


def test_filters_stay_in_the_address(
    sign_in: SignIn, alice: User, colours: dict[str, Image], picture: Picture
) -> None:
    client = sign_in(alice)
    address = client.post("/search/?tag=warm", {"file": picture()}).headers["Location"]
    embed_next_query()
    assert address.endswith("/?tag=warm")
    assert titles(client, address) == ["amber", "sea"]
    assert "remove this filter" in client.get(address).content.decode()


@pytest.fixture
def asked_by_a_script(
    api: Any,
    alice: User,
    colours: dict[str, Image],
    picture: Picture,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The page of a question that was asked by the API, with a filter."""
    monkeypatch.setattr(queries, "PATIENCE_SECONDS", 0.0)
    asked = api(alice).post("/api/v1/search/", {"file": picture(), "tag": "warm"})
    embed_next_query()
    return f"/search/{asked.json()['id']}/"


def test_filters_asked_with_by_the_api_count_on_the_page(
    sign_in: SignIn, alice: User, asked_by_a_script: str
) -> None:
    page = sign_in(alice).get(asked_by_a_script, follow=True)
    assert page.redirect_chain == [(f"{asked_by_a_script}?tag=warm", 302)]
    found = page.context["neighbours"].results
    assert [one.image.title for one in found] == ["amber", "sea"]


def test_they_can_be_taken_away(sign_in: SignIn, alice: User, asked_by_a_script: str) -> None:
    client = sign_in(alice)
    page = client.get(asked_by_a_script, follow=True)
    without = page.context["chips"][0].without
    for address in (f"{asked_by_a_script}{without}", page.context["unfiltered"]):
        assert len(titles(client, address)) == 4


def test_a_picture_by_its_address(
    sign_in: SignIn, alice: User, colours: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "POLICY", LOCAL)
    with serving(served(picture_bytes("blue"))) as server:
        response = sign_in(alice).post("/search/", {"url": server.address()})
    embed_next_query()
    assert titles(sign_in(alice), response.headers["Location"])[0] == "blue"


def test_an_address_inside_is_refused_in_words(sign_in: SignIn, alice: User) -> None:
    page = sign_in(alice).post("/search/", {"url": "http://169.254.169.254/latest/"})
    assert page.status_code == 400
    assert "not on the public web" in page.content.decode()


PART = {"left": "50", "top": "0", "width": "50", "height": "100"}


@pytest.mark.parametrize(
    "asked_with",
    [
        {},
        {"url": "http://pictures.example/", "image": "1"},
        {"image": "999999", **PART},
        {"image": "x"},
        {"query": "x"},
        {"url": "http://pictures.example/", "left": "90", "width": "50", "height": "10"},
        {"url": "http://pictures.example/", "left": "nan"},
    ],
)
def test_what_makes_no_sense_is_told(sign_in: SignIn, alice: User, asked_with: Any) -> None:
    page = sign_in(alice).post("/search/", asked_with)
    assert page.status_code == 400
    assert 'role="alert"' in page.content.decode()
    assert not Query.objects.exists()


def test_a_file_that_is_no_picture(sign_in: SignIn, alice: User) -> None:
    page = sign_in(alice).post("/search/", {"file": SimpleUploadedFile("a.png", b"words")})
    assert page.status_code == 415
    assert "not an image we can read" in page.content.decode()


@pytest.fixture
def two_sides(bob: User, alice: User) -> Image:
    """Bob's, red and on the right blue, which Alice may see."""
    out, both = BytesIO(), Pillow.new("RGB", (100, 50), "red")
    both.paste("blue", (50, 0, 100, 50))
    both.save(out, "PNG")
    image, _ = store_image(bob, SimpleUploadedFile("two.png", out.getvalue()))
    image.shared_with.add(alice)
    return image


def test_a_part_of_a_stored_image(
    sign_in: SignIn, alice: User, colours: dict[str, Image], two_sides: Image
) -> None:
    client = sign_in(alice)
    address = client.post("/search/", {"image": two_sides.pk, **PART}).headers["Location"]
    embed_next_query()
    assert titles(client, address)[:2] == ["blue", "sea"]
    two_sides.shared_with.clear()
    assert client.get(address).status_code == 404


def test_a_stranger_may_not_ask_by_a_part(sign_in: SignIn, charlie: User, two_sides: Image) -> None:
    response = sign_in(charlie).post("/search/", {"image": two_sides.pk, **PART})
    assert response.status_code == 400
    assert "you may not see it" in response.content.decode()


def test_another_part_of_the_same_picture(
    sign_in: SignIn, alice: User, colours: dict[str, Image], picture: Picture
) -> None:
    client = sign_in(alice)
    client.post("/search/", {"file": picture("red")})
    first = Query.objects.get()
    address = client.post("/search/", {"query": first.pk, **PART}).headers["Location"]
    part = Query.objects.exclude(pk=first.pk).get()
    assert (part.file_name, part.crop) == (first.file_name, [0.5, 0.0, 0.5, 1.0])
    assert "A part of your picture" in client.get(address).content.decode()


def test_ticks_refine_the_answer(client: Client, asked: str, colours: dict[str, Image]) -> None:
    liked = f"{asked}?positive={colours['blue'].pk}&negative={colours['amber'].pk}"
    assert titles(client, liked) == ["sea", "red"]


def test_ticks_of_a_form_become_one_list_in_the_address(client: Client, asked: str) -> None:
    response = client.get(f"{asked}?positive=1&positive=2&negative=&tag=warm&offset=50")
    assert response.headers["Location"] == f"{asked}?positive=1,2&tag=warm"


def test_the_number_of_queries_does_not_grow(
    client: Client, asked: str, store: Store, embed: Any, django_assert_num_queries: Any
) -> None:
    embed(*[store((level, 0, 0)) for level in range(6)])
    # Session, user, the query, encoder, the index, neighbours, their images, favourites.
    with django_assert_num_queries(8):
        client.get(asked)

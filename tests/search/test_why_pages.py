"""Why two pictures are similar, at …/why/."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User
from gallery.rendering import render_next
from search import requesting
from search.asking import embed_next_query
from search.explaining import explain_next
from search.models import Embedding, Explanation, Query
from tests.conftest import Picture

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def address(image: Image, result: Image) -> str:
    return f"/images/{image.pk}/similar/{result.pk}/why/"


def cells(page: str) -> list[str]:
    return re.findall(r'class="why-cell".*?fill-opacity="([\d.]+)"', page)


def test_it_waits_visibly_then_shows_two_overlays(
    sign_in: SignIn, alice: User, image: Image, near: Image
) -> None:
    client, path = sign_in(alice), address(image, near)
    waiting = client.get(path).content.decode()
    assert f'hx-get="{path}" hx-trigger="every 1s"' in waiting
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in waiting
    assert cells(waiting) == []
    explain_next()
    page = client.get(path).content.decode()
    assert "every 1s" not in page
    assert cells(page) == ["1.000"] * 8
    assert "Similarity <b>0.872</b>, distance 0.5060" in page
    assert "add up to 0.872." in page


def test_the_pictures_are_shown_as_soon_as_they_can_be(
    sign_in: SignIn, alice: User, image: Image, near: Image
) -> None:
    client, path = sign_in(alice), address(image, near)
    assert "<image" not in client.get(path).content.decode()
    while render_next():
        pass
    assert f'<image href="/images/{near.pk}/preview.jpg"' in client.get(path).content.decode()


def test_results_lead_to_it(sign_in: SignIn, alice: User, image: Image, near: Image) -> None:
    client = sign_in(alice)
    page = client.get(f"/images/{image.pk}/similar/").content.decode()
    assert f'href="{address(image, near)}"' in page
    page = client.get(f"/images/{image.pk}/similar/?encoder=tiny").content.decode()
    assert f'href="{address(image, near)}?encoder=tiny"' in page
    assert "Why?" not in client.get("/").content.decode()


def test_a_stranger_gets_404(sign_in: SignIn, charlie: User, image: Image, near: Image) -> None:
    client = sign_in(charlie)
    assert client.get(address(image, near)).status_code == 404
    image.shared_with.add(charlie)
    assert client.get(address(image, near)).status_code == 404
    assert client.get(address(near, image)).status_code == 404
    assert not Explanation.objects.exists()


def test_signed_out_people_see_why_of_what_is_public(
    client: Client, image: Image, near: Image
) -> None:
    assert client.get(address(image, near)).status_code == 404
    Image.objects.update(visibility="public")
    assert client.get(address(image, near)).status_code == 200


def test_signed_out_people_who_ask_for_too_many_are_told_what_to_do(
    client: Client,
    sign_in: SignIn,
    bob: User,
    image: Image,
    near: Image,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Image.objects.update(visibility="public")
    monkeypatch.setattr(requesting, "MOST_FOR_VISITORS", 1)
    client.get(address(image, near))
    assert client.get(address(image, near)).status_code == 200
    refused = client.get(address(near, image))
    assert refused.status_code == 429
    assert "Sign in, or come back in an hour." in refused.text
    assert sign_in(bob).get(address(near, image)).status_code == 200


def test_what_can_not_be_explained_says_so(
    sign_in: SignIn, alice: User, image: Image, near: Image
) -> None:
    client = sign_in(alice)
    client.get(address(image, near))
    Explanation.objects.all().fail("It can’t tell which places count.")
    page = client.get(address(image, near)).content.decode()
    assert "This similarity can’t be explained: It can’t tell which places count." in page
    assert "every 1s" not in page


def test_what_failed_is_tried_again_by_who_asks(
    sign_in: SignIn, client: Client, alice: User, image: Image, near: Image
) -> None:
    Image.objects.update(visibility="public")
    path = f"{address(image, near)}?encoder=tiny"
    client.get(path)
    Explanation.objects.all().fail("Given up.")
    assert "Try again" not in client.get(path).text
    assert client.post(path).headers["Location"].startswith("/sign-in/")
    assert Explanation.objects.failed().exists()
    client = sign_in(alice)
    assert "Try again" in client.get(path).text
    assert client.post(path).headers["Location"] == path
    assert explain_next()
    assert "Try again" not in client.get(path).text
    client.post(path)
    assert not Explanation.objects.pending().exists()


def test_of_a_vector_that_failed_no_explanation_is_tried_again(
    sign_in: SignIn, alice: User, image: Image, near: Image
) -> None:
    Embedding.objects.filter(image=near).update(vector=None, state="failed", error="Broken.")
    page = sign_in(alice).get(address(image, near)).text
    assert "Broken." in page
    assert "Try again" not in page


def test_a_stranger_tries_nothing_again(
    sign_in: SignIn, charlie: User, image: Image, near: Image
) -> None:
    assert sign_in(charlie).post(address(image, near)).status_code == 404


def test_an_encoder_that_is_unknown_is_named(
    sign_in: SignIn, alice: User, image: Image, near: Image
) -> None:
    page = sign_in(alice).get(f"{address(image, near)}?encoder=oracle")
    assert page.status_code == 400
    assert "There is no encoder “oracle”" in page.content.decode()


@pytest.fixture
def found(sign_in: SignIn, alice: User, near: Image, picture: Picture) -> str:
    """The address of the answer to a picture of Alice's."""
    response = sign_in(alice).post("/search/", {"file": picture("#ff8000", size=(60, 40))})
    embed_next_query()
    return str(response.headers["Location"])


def test_a_picture_that_was_sent_is_compared(
    client: Client, found: str, image: Image, near: Image
) -> None:
    path = f"{found}why/{near.pk}/"
    assert f'href="{path}"' in client.get(found).content.decode()
    client.get(path)
    explain_next()
    page = client.get(path).content.decode()
    assert len(cells(page)) == 8
    assert f'<image href="{found}picture.jpg" width="60" height="40"' in page


def test_a_part_is_shown_as_that_part(client: Client, found: str, near: Image) -> None:
    asked = {"query": found.split("/")[2], "left": 50, "top": 0, "width": 50, "height": 100}
    part = client.post("/search/", asked).headers["Location"]
    page = client.get(f"{part}why/{near.pk}/").content.decode()
    assert 'viewBox="30.0 0.0 30.0 40.0"' in page


def test_it_is_for_its_asker_alone(
    client: Client, found: str, sign_in: SignIn, bob: User, near: Image
) -> None:
    near.shared_with.add(bob)
    path = f"{found}why/{near.pk}/"
    assert sign_in(bob).get(path).status_code == 404
    client.logout()
    assert client.get(path).headers["Location"] == f"/sign-in/?next={path}"


def test_its_asker_is_not_told_of_what_they_may_not_see(
    client: Client, found: str, store: Store, bob: User
) -> None:
    hidden = store("blue", owner=bob)
    assert client.get(f"{found}why/{hidden.pk}/").status_code == 404


def test_examples_are_no_picture_to_compare_with(
    client: Client, found: str, alice: User, near: Image, image: Image, api: Any
) -> None:
    assert "Why?" not in client.get(f"/search/?positive={image.pk}").content.decode()
    assert "Why?" not in client.get(f"{found}?positive={image.pk}").content.decode()
    asked = api(alice).post("/api/v1/search/", {"positive": [image.pk]}, format="json").json()
    assert client.get(f"/search/{asked['id']}/why/{near.pk}/").status_code == 404


def test_it_goes_with_the_query(client: Client, found: str, near: Image) -> None:
    client.get(f"{found}why/{near.pk}/")
    client.post(f"{found}forget/")
    assert not Query.objects.exists()
    assert not Explanation.objects.exists()


def test_the_number_of_queries(
    sign_in: SignIn, alice: User, image: Image, near: Image, django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    client.get(address(image, near))
    explain_next()
    # Session, user, two images, encoder with its scale, two embeddings, explanation.
    with django_assert_num_queries(8):
        client.get(address(image, near))

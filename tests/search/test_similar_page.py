"""The nearest images of an image, at /images/<id>/similar/."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, State, User
from search.indexing import embed_batch, sweep
from search.models import Embedding, Encoder
from search.tasks import embed_wanted

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def embed_all() -> None:
    sweep()
    while embed_batch(Embedding.objects.all()):
        pass


def test_an_encoder_that_can_not_be_loaded_lets_nobody_wait(
    sign_in: SignIn, api: Any, alice: User, image: Image, unloadable: Encoder, mend: Any
) -> None:
    address = f"/images/{image.pk}/similar/"
    client = sign_in(alice)
    assert 'hx-trigger="every 1s"' in client.get(address).text
    embed_wanted()
    page = client.get(address).text
    assert "can&#x27;t be loaded: Too large." in page
    assert "every 1s" not in page
    answer = api(alice).get(f"/api/v1{address}")
    assert (answer.status_code, "Too large" in answer.json()["detail"]) == (409, True)
    mend()
    embed_wanted()
    assert client.get(address).context["neighbours"].is_answer


@pytest.fixture
def near(image: Image, store: Store) -> Image:
    return store((240, 10, 10), title="Near")


@pytest.fixture
def far(near: Image, store: Store) -> Image:
    """Alice's third image; all of them have their embedding."""
    far = store("blue", title="Far")
    embed_all()
    return far


def results(client: Client, image: Image, query: str = "") -> list[str]:
    page = client.get(f"/images/{image.pk}/similar/{query}")
    return [found.image.title for found in page.context["neighbours"].results]


def test_the_nearest_comes_first_and_the_image_itself_is_left_out(
    sign_in: SignIn, alice: User, image: Image, far: Image
) -> None:
    assert results(sign_in(alice), image) == ["Near", "Far"]


def test_distances_are_shown(sign_in: SignIn, alice: User, image: Image, far: Image) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/similar/")
    nearest = page.context["neighbours"].results[0].distance
    assert f"{nearest:.4f}" in page.content.decode()


def test_every_result_finds_its_own(sign_in: SignIn, alice: User, image: Image, far: Image) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/similar/").content.decode()
    assert f'href="/images/{far.pk}/similar/"' in page


def test_somebody_given_access_sees_only_their_share(
    sign_in: SignIn, bob: User, image: Image, near: Image, far: Image
) -> None:
    client = sign_in(bob)
    assert results(client, image) == []
    near.shared_with.add(bob)
    assert results(client, image) == ["Near"]


def test_a_stranger_gets_404(sign_in: SignIn, charlie: User, image: Image, far: Image) -> None:
    assert sign_in(charlie).get(f"/images/{image.pk}/similar/").status_code == 404


def test_signed_out_people_see_public_neighbours_of_a_public_image(
    client: Client, image: Image, near: Image, far: Image
) -> None:
    assert client.get(f"/images/{image.pk}/similar/").status_code == 404
    Image.objects.filter(pk__in=[image.pk, far.pk]).update(visibility="public")
    assert results(client, image) == ["Far"]


def test_an_image_without_vector_waits_visibly(sign_in: SignIn, alice: User, image: Image) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/similar/").content.decode()
    assert "for the first time" in page
    assert f'hx-get="/images/{image.pk}/similar/" hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert Embedding.objects.wanted().get().image == image


def test_then_the_results_appear(sign_in: SignIn, alice: User, image: Image, near: Image) -> None:
    client = sign_in(alice)
    client.get(f"/images/{image.pk}/similar/")
    embed_all()
    page = client.get(f"/images/{image.pk}/similar/").content.decode()
    assert "Near" in page
    assert 'hx-trigger="every 1s"' not in page
    assert "http-equiv" not in page


def test_a_failure_says_why_and_the_owner_tries_again(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    sweep()
    Embedding.objects.update(wanted=True)
    Embedding.objects.all().fail("The file ends too early.")
    client = sign_in(alice)
    page = client.get(f"/images/{image.pk}/similar/").content.decode()
    assert "The file ends too early." in page
    assert "Try again" in page
    response = client.post(f"/images/{image.pk}/similar/retry/")
    assert response.headers["Location"] == f"/images/{image.pk}/similar/"
    assert Embedding.objects.get().state == State.PENDING


def test_others_are_told_but_offered_nothing(sign_in: SignIn, bob: User, image: Image) -> None:
    sweep()
    Embedding.objects.all().fail("The file ends too early.")
    client = sign_in(bob)
    page = client.get(f"/images/{image.pk}/similar/").content.decode()
    assert "The file ends too early." in page
    assert "Try again" not in page
    assert client.post(f"/images/{image.pk}/similar/retry/").status_code == 404


def test_a_stranger_and_signed_out_people_may_not_retry(
    sign_in: SignIn, client: Client, charlie: User, image: Image
) -> None:
    address = f"/images/{image.pk}/similar/retry/"
    assert client.post(address).headers["Location"] == f"/sign-in/?next={address}"
    assert sign_in(charlie).post(address).status_code == 404


def test_what_is_ready_is_not_made_again(sign_in: SignIn, alice: User, far: Image) -> None:
    sign_in(alice).post(f"/images/{far.pk}/similar/retry/")
    assert not Embedding.objects.pending().exists()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?tag=sea", ["Sea"]),
        ("?album=Water", ["Sea"]),
        ("?owner=bob", []),
        ("?max_distance=0.2", ["Near"]),
        ("?min_distance=0.2&limit=1", ["Sea"]),
        ("?encoder=tiny&exact=true", ["Near", "Sea"]),
    ],
)
def test_filters(
    sign_in: SignIn,
    alice: User,
    store: Store,
    image: Image,
    near: Image,
    query: str,
    found: list[str],
) -> None:
    store("blue", title="Sea", tags=["sea"], album="Water")
    embed_all()
    assert results(sign_in(alice), image, query) == found


@pytest.mark.parametrize(
    "query",
    [
        "?limit=0",
        "?limit=201",
        "?place=2",
        "?place=1_1_1_nan_1",
        "?place=1_1e99_1_0.5_1",
        "?place=1_1_1_0.5_9999999999999999999",
        "?place=999999_1_1_0.5_1",
        "?open=near",
        "?alike=somehow",
        "?max_distance=near",
        "?max_distance=nan",
        "?min_distance=1&max_distance=0.5",
        "?after=2020-13-01",
        "?encoder=nothing",
        "?tag=%00",
    ],
)
def test_what_makes_no_sense_is_told(
    sign_in: SignIn, alice: User, image: Image, query: str
) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/similar/{query}")
    assert page.status_code == 400
    assert "This can’t be done as it is" in page.content.decode()


def test_more_leads_to_the_next_ones(
    sign_in: SignIn, alice: User, image: Image, far: Image
) -> None:
    client = sign_in(alice)
    assert results(client, image, next_page(client, image)) == ["Far"]


def next_page(client: Client, image: Image) -> str:
    """Where the link behind the first result leads."""
    page = client.get(f"/images/{image.pk}/similar/?limit=1").content.decode()
    found = re.search(r'href="(\?limit=1&amp;place=[^"]+)"', page)
    assert found
    return unescape(found[1])


def test_more_goes_on_with_the_encoder_that_answered_first(
    sign_in: SignIn, alice: User, image: Image, far: Image, tiny: Encoder, other: Encoder
) -> None:
    client = sign_in(alice)
    address = next_page(client, image)
    other.activate()
    assert results(client, image, address) == ["Far"]
    Encoder.objects.filter(pk=tiny.pk).update(is_being_removed=True)
    page = client.get(f"/images/{image.pk}/similar/{address}")
    assert page.status_code == 400
    assert "The encoder of the first page is gone" in page.text


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn, alice: User, store: Store, image: Image, django_assert_num_queries: Any
) -> None:
    for level in range(6):
        store((level, 0, 0))
    embed_all()
    client = sign_in(alice)
    # Session, user, image, encoder, its embedding, the state of its index, neighbours, images,
    # and which of them are favourites.
    with django_assert_num_queries(9):
        client.get(f"/images/{image.pk}/similar/")

"""Two encoders' answers beside each other, at ?compare=NAME."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User
from search.asking import embed_next_query
from search.comparing import Comparison
from search.models import DistanceScale, Embedding, Encoder, Query
from tests.conftest import Picture

SignIn = Callable[[User], Client]
Store = Callable[..., Image]
Embed = Callable[..., None]
# Asked for before all else: two encoders know every picture.
pytestmark = pytest.mark.usefixtures("other")


def compared(client: Client, address: str) -> Comparison:
    page = client.get(address)
    assert page.status_code == 200, page.content.decode()
    comparison: Comparison = page.context["comparison"]
    return comparison


def ranks(comparison: Comparison) -> list[list[tuple[str, int | None]]]:
    """Of each side the titles in order, with their ranks in the other."""
    return [
        [(ranked.found.image.title, ranked.other_rank) for ranked in side.results]
        for side in comparison.sides
    ]


def swap(encoder: Encoder, one: str, two: str) -> None:
    """Let the encoder see each of two images where it saw the other."""
    first, second = (encoder.embeddings.get(image__title=title) for title in (one, two))
    first.vector, second.vector = second.vector, first.vector
    Embedding.objects.bulk_update([first, second], ["vector"])


def test_both_rankings_with_their_overlap(
    sign_in: SignIn, alice: User, red: Image, other: Encoder
) -> None:
    swap(other, "near", "far")
    address = f"/images/{red.pk}/similar/?compare=other"
    comparison = compared(sign_in(alice), address)
    assert [side.encoder.name for side in comparison.sides] == ["tiny", "other"]
    assert ranks(comparison) == [[("near", 2), ("far", 1)], [("far", 2), ("near", 1)]]
    page = sign_in(alice).get(address).content.decode()
    assert "2 of the first 2 are found by both" in page


def test_the_similar_page_leads_there_and_back(sign_in: SignIn, alice: User, red: Image) -> None:
    client = sign_in(alice)
    page = client.get(f"/images/{red.pk}/similar/?tag=sea").content.decode()
    assert 'href="?tag=sea&amp;compare=other"' in page
    page = client.get(f"/images/{red.pk}/similar/?tag=sea&compare=other").content.decode()
    assert 'href="?tag=sea"' in page


def test_the_same_filters_count_on_both_sides(sign_in: SignIn, alice: User, red: Image) -> None:
    comparison = compared(sign_in(alice), f"/images/{red.pk}/similar/?compare=other&tag=sea")
    assert ranks(comparison) == [[("far", 1)], [("far", 1)]]


def test_a_bound_means_the_same_to_both(
    sign_in: SignIn, alice: User, red: Image, tiny: Encoder, other: Encoder
) -> None:
    steps = [step / 500 for step in range(1001)]
    DistanceScale.objects.create(encoder=tiny, quantiles=steps, images=20)
    tight = [distance / 1000 for distance in steps]
    DistanceScale.objects.create(encoder=other, quantiles=tight, images=20)
    address = f"/images/{red.pk}/similar/?compare=other&max_distance=0.2"
    assert ranks(compared(sign_in(alice), address)) == [[("near", None)], []]


def test_what_one_may_not_see_is_on_neither_side_nor_in_a_number(
    sign_in: SignIn, bob: User, charlie: User, red: Image, other: Encoder
) -> None:
    other.embeddings.filter(image__title="far").delete()
    address = f"/images/{red.pk}/similar/?compare=other"
    comparison = compared(sign_in(bob), address)
    assert ranks(comparison) == [[], []]
    assert [side.coverage for side in comparison.sides] == [None, None]
    assert sign_in(charlie).get(address).status_code == 404


def test_how_far_an_encoder_is_filled_is_told(
    sign_in: SignIn, alice: User, red: Image, other: Encoder
) -> None:
    other.embeddings.filter(image__title="far").delete()
    address = f"/images/{red.pk}/similar/?compare=other"
    page = sign_in(alice).get(address).content.decode()
    assert "Has looked at 2 of 3 pictures so far." in page
    assert "only here" in page


def test_a_vector_that_is_missing_is_asked_for_at_once(
    sign_in: SignIn, alice: User, red: Image, other: Encoder, embed: Embed
) -> None:
    other.embeddings.filter(image=red).delete()
    client, address = sign_in(alice), f"/images/{red.pk}/similar/?compare=other"
    page = client.get(address).content.decode()
    assert f'hx-get="{address}" hx-trigger="every 1s"' in page
    assert Embedding.objects.wanted().get().encoder == other
    embed(red)
    assert compared(client, address).is_answer


def test_one_that_can_not_be_made_says_why(
    sign_in: SignIn, alice: User, red: Image, other: Encoder
) -> None:
    other.embeddings.filter(image=red).fail("The file ends too early.", vector=None)
    page = sign_in(alice).get(f"/images/{red.pk}/similar/?compare=other").content.decode()
    assert "The file ends too early." in page


@pytest.mark.parametrize("name", ["nothing", "tiny", "other@2222"])
def test_an_encoder_that_is_not_there_is_told(
    sign_in: SignIn, alice: User, red: Image, name: str
) -> None:
    page = sign_in(alice).get(f"/images/{red.pk}/similar/?compare={name}")
    assert page.status_code == 400
    assert "There are: other." in page.content.decode()


def test_the_first_encoder_can_be_chosen(sign_in: SignIn, alice: User, red: Image) -> None:
    address = f"/images/{red.pk}/similar/?encoder=other&compare=tiny"
    comparison = compared(sign_in(alice), address)
    assert [side.encoder.name for side in comparison.sides] == ["other", "tiny"]


def test_signed_out_people_compare_what_is_public(client: Client, red: Image) -> None:
    Image.objects.exclude(title="far").update(visibility="public")
    comparison = compared(client, f"/images/{red.pk}/similar/?compare=other")
    assert ranks(comparison) == [[("near", 1)], [("near", 1)]]


def test_with_a_single_encoder_nothing_is_offered(
    sign_in: SignIn, alice: User, red: Image, other: Encoder
) -> None:
    other.delete()
    page = sign_in(alice).get(f"/images/{red.pk}/similar/").content.decode()
    assert "Compare with" not in page


@pytest.fixture
def asked(sign_in: SignIn, alice: User, red: Image, picture: Picture) -> str:
    """The address of the answer to a reddish picture of Alice's."""
    response = sign_in(alice).post("/search/", {"file": picture("#ff0505")})
    embed_next_query()
    return str(response.headers["Location"])


def test_a_picture_that_was_sent_is_put_to_both(client: Client, asked: str) -> None:
    address = f"{asked}?compare=other"
    assert "every 1s" in client.get(address).content.decode()
    embed_next_query()
    sides = ranks(compared(client, address))
    assert sides[0] == sides[1] == [("near", 1), ("red", 2), ("far", 3)]
    assert Query.objects.count() == 2


def test_its_ticks_count_on_both_sides(client: Client, asked: str) -> None:
    client.get(f"{asked}?compare=other")
    embed_next_query()
    far = Image.objects.get(title="far").pk
    sides = ranks(compared(client, f"{asked}?compare=other&positive={far}"))
    assert sides[0] == sides[1] == [("near", 1), ("red", 2)]


def test_both_go_when_it_is_forgotten(client: Client, asked: str) -> None:
    client.get(f"{asked}?compare=other")
    client.post(f"{asked}forget/")
    assert not Query.objects.exists()


def test_examples_are_put_to_both(sign_in: SignIn, alice: User, red: Image) -> None:
    comparison = compared(sign_in(alice), f"/search/?positive={red.pk}&compare=other")
    assert ranks(comparison)[1] == [("near", 1), ("far", 2)]


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn,
    alice: User,
    red: Image,
    store: Store,
    embed: Embed,
    django_assert_num_queries: Any,
) -> None:
    embed(*[store((level, 0, 0)) for level in range(6)])
    client = sign_in(alice)
    # Session, user, image, encoder, the other, the encoder again, and of each: the embedding, the
    # index, neighbours, images, whether all have a vector.
    with django_assert_num_queries(16):
        client.get(f"/images/{red.pk}/similar/?compare=other")

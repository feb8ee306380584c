"""GET /api/v1/images/<id>/compare/: two encoders' rankings of one question."""

from collections.abc import Callable
from typing import Any

import pytest

from gallery.models import Image, User
from search.models import Embedding, Encoder

Embed = Callable[..., None]
# Asked for before all else: two encoders know every picture.
pytestmark = pytest.mark.usefixtures("other")


def compare(client: Any, image: Image, **asked: Any) -> Any:
    return client.get(f"/api/v1/images/{image.pk}/compare/", {"compare": "other", **asked})


def test_both_rankings_and_their_overlap(api: Any, alice: User, red: Image) -> None:
    answer = compare(api(alice), red).json()
    assert (answer["state"], answer["first"], answer["shared"]) == ("ready", 2, 2)
    for side in answer["sides"]:
        found = [(one["image"]["title"], one["rank"], one["other_rank"]) for one in side["results"]]
        assert found == [("near", 1, 1), ("far", 2, 2)]


def test_filters_count_on_both_sides(api: Any, alice: User, red: Image) -> None:
    answer = compare(api(alice), red, tag="sea").json()
    assert [len(side["results"]) for side in answer["sides"]] == [1, 1]


def test_a_private_image_is_on_neither_side_nor_in_a_number(
    api: Any, bob: User, charlie: User, red: Image, other: Encoder
) -> None:
    other.embeddings.filter(image__title="far").delete()
    answer = compare(api(bob), red).json()
    assert (answer["first"], answer["shared"]) == (0, 0)
    assert [side["coverage"] for side in answer["sides"]] == [None, None]
    assert compare(api(charlie), red).status_code == 404


def test_coverage_is_told_while_an_encoder_is_filled(
    api: Any, alice: User, red: Image, other: Encoder
) -> None:
    other.embeddings.filter(image__title="far").delete()
    sides = compare(api(alice), red).json()["sides"]
    assert [side["coverage"] for side in sides] == [None, {"ready": 2, "images": 3}]


def test_a_missing_vector_is_asked_for(
    api: Any, alice: User, red: Image, other: Encoder, embed: Embed
) -> None:
    other.embeddings.filter(image=red).delete()
    waiting = compare(api(alice), red)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
    assert Embedding.objects.wanted().get().encoder == other
    embed(red)
    assert compare(api(alice), red).status_code == 200


def test_one_that_can_not_be_made_is_told(
    api: Any, alice: User, red: Image, other: Encoder
) -> None:
    other.embeddings.filter(image=red).fail("The file ends too early.", vector=None)
    answer = compare(api(alice), red)
    assert (answer.status_code, answer.json()["detail"]) == (409, "The file ends too early.")


@pytest.mark.parametrize("name", ["", "nothing", "tiny"])
def test_there_must_be_another_encoder(api: Any, alice: User, red: Image, name: str) -> None:
    answer = compare(api(alice), red, compare=name)
    assert answer.status_code == 400
    assert "There are: other." in answer.json()["detail"]

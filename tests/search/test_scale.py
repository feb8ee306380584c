"""What a distance means in this gallery: how many of its pairs are farther apart."""

from collections.abc import Callable
from typing import Any

import pytest

from gallery.models import Image, State, User
from search.forms import SimilarityForm
from search.models import DistanceScale, Embedding, Encoder, Query
from search.queries import answer_to
from search.scale import FEWEST, measure_scale, measure_stale_scales
from search.tasks import measure_distances

HUNDREDTHS = [number / 100 for number in range(101)]


@pytest.fixture
def scale(tiny: Encoder) -> DistanceScale:
    """Distances spread evenly from 0 to 1."""
    return DistanceScale.objects.create(encoder=tiny, quantiles=HUNDREDTHS, images=500)


@pytest.fixture
def greys(store: Callable[..., Image], embed: Callable[..., None]) -> list[Image]:
    images = [store((8 * number, 100, 200 - 8 * number)) for number in range(FEWEST)]
    embed(*images)
    return images


@pytest.mark.parametrize(
    ("distance", "share"), [(0.25, 75 / 101), (0, 100 / 101), (2, 0), (0.995, 1 / 101)]
)
def test_a_distance_is_closer_than_the_pairs_beyond_it(
    scale: DistanceScale, distance: float, share: float
) -> None:
    assert scale.share_farther(distance) == pytest.approx(share)


@pytest.mark.parametrize(("share", "distance"), [(0.75, 0.25), (1, 0), (0, 1)])
def test_a_share_is_a_distance(scale: DistanceScale, share: float, distance: float) -> None:
    assert scale.distance_at(share) == pytest.approx(distance)


def test_near_identical_is_a_part_of_what_few_pairs_are_within(scale: DistanceScale) -> None:
    """Five in a hundred pairs are within 0.05, and 22 in a hundred of that are 0.011."""
    assert scale.alike_within == pytest.approx(0.011)


def test_it_is_measured_from_pairs_of_images(tiny: Encoder, greys: list[Image]) -> None:
    scale = measure_scale(tiny)
    assert scale is not None
    assert scale.images == FEWEST
    assert scale.quantiles == sorted(scale.quantiles)
    assert 0 < scale.quantiles[0] < scale.quantiles[-1] < 2


def test_a_few_images_say_nothing(tiny: Encoder, ready: Image) -> None:
    assert measure_scale(tiny) is None
    assert not DistanceScale.objects.exists()


def test_a_fresh_scale_is_left_alone(tiny: Encoder, scale: DistanceScale) -> None:
    measure_stale_scales()
    assert DistanceScale.objects.get().quantiles == HUNDREDTHS


def test_an_old_one_is_measured_again(
    tiny: Encoder, scale: DistanceScale, greys: list[Image]
) -> None:
    DistanceScale.objects.update(measured_at="2020-01-01T00:00Z")
    measure_distances()
    assert DistanceScale.objects.get().images == FEWEST


def test_the_page_says_what_a_distance_means(
    sign_in: Any, alice: User, scale: DistanceScale, greys: list[Image]
) -> None:
    page = sign_in(alice).get(f"/images/{greys[0].pk}/similar/")
    nearest = page.context["neighbours"].results[0]
    assert nearest.share_farther == scale.share_farther(nearest.distance)
    assert "of the pairs in this gallery" in page.content.decode()


def test_without_a_scale_there_is_the_distance_alone(
    sign_in: Any, alice: User, greys: list[Image]
) -> None:
    page = sign_in(alice).get(f"/images/{greys[0].pk}/similar/")
    assert page.context["neighbours"].results[0].share_farther is None
    assert "of the pairs in this gallery" not in page.content.decode()


def test_the_cut_off_speaks_in_shares(
    sign_in: Any, alice: User, scale: DistanceScale, greys: list[Image]
) -> None:
    page = sign_in(alice).get(f"/images/{greys[0].pk}/similar/?closer_than=80")
    distances = [found.distance for found in page.context["neighbours"].results]
    assert 0 < len(distances) < len(greys) - 1
    assert max(distances) <= 0.2
    assert "80 %" in page.content.decode()


def test_the_closer_of_two_upper_bounds_counts(
    sign_in: Any, alice: User, scale: DistanceScale, greys: list[Image]
) -> None:
    page = sign_in(alice).get(f"/images/{greys[0].pk}/similar/?closer_than=80&max_distance=0.1")
    assert all(found.distance <= 0.1 for found in page.context["neighbours"].results)


def test_a_slider_at_its_end_is_no_filter(
    sign_in: Any, alice: User, scale: DistanceScale, greys: list[Image]
) -> None:
    page = sign_in(alice).get(f"/images/{greys[0].pk}/similar/?closer_than=0")
    assert len(page.context["neighbours"].results) == len(greys) - 1
    assert not page.context["chips"]


def test_a_cut_off_that_cannot_be_told_yet_is_an_error(
    sign_in: Any, alice: User, greys: list[Image]
) -> None:
    page = sign_in(alice).get(f"/images/{greys[0].pk}/similar/?closer_than=80")
    assert page.status_code == 400
    assert "not measured yet" in page.content.decode()


def test_the_api_tells_the_share(
    api: Any, alice: User, scale: DistanceScale, greys: list[Image]
) -> None:
    answer = api(alice).get(f"/api/v1/images/{greys[0].pk}/similar/?closer_than=80").json()
    nearest = answer["results"][0]
    assert nearest["share_farther"] == pytest.approx(scale.share_farther(nearest["distance"]))
    assert answer["results"][-1]["distance"] <= 0.2


def test_a_search_keeps_the_scale_of_its_encoder_when_another_answers(
    alice: User, tiny: Encoder, scale: DistanceScale, greys: list[Image]
) -> None:
    vector = Embedding.objects.get(image=greys[0]).vector
    query = Query.objects.create(asker=alice, encoder=tiny, vector=vector, state=State.READY)
    other = Encoder.objects.create(name="other", digest="1" * 64, dimensions=12)
    DistanceScale.objects.create(encoder=other, quantiles=[0.0, 0.01], images=500)
    other.activate()
    form = SimilarityForm({"closer_than": "80"}, user=alice)
    assert form.is_valid()
    distances = [found.distance for found in answer_to(query, form).results]
    assert 0.01 < max(distances) <= 0.2

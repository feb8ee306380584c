"""How far the index is walked: as far as was measured to be enough for what a filter leaves."""

import pytest

from gallery.models import Image
from search.effort import effort_for, sample, share_of
from search.models import Encoder, SearchMeasurement

SECONDS = {"recall_at_20": 1, "exact_p50_ms": 1, "exact_p95_ms": 1, "p50_ms": 1, "p95_ms": 1}


@pytest.fixture
def measured(many: Encoder) -> Encoder:
    for share, effort in ((1.0, 100), (0.1, 400), (0.01, 800)):
        SearchMeasurement.objects.create(
            encoder=many, share=share, ef_search=effort, vectors=400, **SECONDS
        )
    return many


def test_the_sample_is_always_the_same_and_within_bounds() -> None:
    assert sample(5, 7) == {5, 6, 7}
    assert sample(5, 5) == {5}
    numbers = sample(1, 100_000)
    assert numbers == sample(1, 100_000)
    assert (min(numbers) >= 1, max(numbers) <= 100_000, len(numbers)) == (True, True, 256)
    tenths = [sum(number % 10 == rest for number in numbers) for rest in range(10)]
    assert min(tenths) >= 15


def test_a_share_is_told_by_the_sample(many: Encoder) -> None:
    assert share_of(Image.objects.kept()) == 1.0
    assert share_of(Image.objects.tagged("tenth")) == pytest.approx(0.1, abs=0.03)
    assert share_of(Image.objects.none()) == 0.0


def test_trash_is_no_part_of_all(many: Encoder) -> None:
    Image.objects.tagged("tenth").trash()
    assert share_of(Image.objects.kept()) == 1.0


def test_the_sharper_the_filter_the_more_effort(measured: Encoder) -> None:
    assert effort_for(measured, Image.objects.kept()) == 100
    assert effort_for(measured, Image.objects.tagged("tenth")) == 400
    assert effort_for(measured, Image.objects.tagged("thousandth")) == 800


def test_until_it_is_measured_the_encoder_says_it(many: Encoder) -> None:
    assert effort_for(many, Image.objects.kept()) == many.ef_search

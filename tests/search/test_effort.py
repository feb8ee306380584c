"""How far the index is walked: as far as was measured to be enough for what a filter leaves."""

import pytest

from gallery.models import Image
from search.effort import effort_for, estimate, sample
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
    assert (min(numbers) >= 1, max(numbers) <= 100_000, len(numbers)) == (True, True, 128)
    tenths = [sum(number % 10 == rest for number in numbers) for rest in range(10)]
    assert min(tenths) >= 7


def test_how_many_there_are_is_told_by_the_sample(many: Encoder) -> None:
    count = Image.objects.count()
    assert estimate(Image.objects.all()) == count
    assert estimate(Image.objects.tagged("tenth")) == pytest.approx(count / 10, rel=0.4)
    assert estimate(Image.objects.none()) == 0


def test_what_lies_in_the_trash_is_not_counted(many: Encoder) -> None:
    before = estimate(Image.objects.kept())
    Image.objects.tagged("tenth").trash()
    assert estimate(Image.objects.kept()) < before


def test_of_an_empty_gallery_there_is_nothing(db: None) -> None:
    assert estimate(Image.objects.all()) == 0


def test_the_sharper_the_filter_the_more_effort(measured: Encoder) -> None:
    assert effort_for(measured, 1.0) == 100
    assert effort_for(measured, 0.09) == 400
    assert effort_for(measured, 0.001) == 800


def test_until_it_is_measured_the_encoder_says_it(many: Encoder) -> None:
    assert effort_for(many, 1.0) == many.ef_search

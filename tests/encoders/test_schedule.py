"""Training spends its budget in stages, and its learning rate rises and falls once."""

from itertools import pairwise

import pytest

from search.encoders.compact.schedule import PEAK_RATE, STAGES, WARM_UP, rate_at, stage_at


def test_training_begins_with_the_first_stage_and_ends_with_the_last() -> None:
    assert stage_at(0) == STAGES[0]
    assert stage_at(0.999) == stage_at(1.2) == STAGES[-1]


def test_a_stage_begins_at_its_share() -> None:
    starts = STAGES[1].starts
    assert stage_at(starts - 1e-6) == STAGES[0]
    assert stage_at(starts) == STAGES[1]


def test_pictures_only_grow() -> None:
    for earlier, later in pairwise(STAGES):
        assert earlier.starts < later.starts
        assert earlier.size <= later.size < later.photo_size


def test_the_rate_rises_to_its_peak_and_falls_to_almost_nothing() -> None:
    assert rate_at(0) < rate_at(WARM_UP / 2) < rate_at(WARM_UP)
    assert rate_at(WARM_UP) == pytest.approx(PEAK_RATE)
    assert rate_at(0.5) > rate_at(0.9) > rate_at(1)
    assert rate_at(1) == rate_at(1.5) < PEAK_RATE / 100

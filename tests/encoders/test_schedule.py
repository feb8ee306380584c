"""Training spends its budget in stages, and its learning rate rises and falls once in each part."""

from itertools import pairwise

import pytest

from search.encoders.compact.schedule import (
    JOINED_FROM,
    PEAK_RATE_APART,
    PEAK_RATE_JOINED,
    STAGES,
    WARM_UP,
    rate_at,
    stage_at,
)


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
        assert earlier.size <= later.size


def test_blocks_that_were_joined_stay_so() -> None:
    joined = [stage.joined for stage in STAGES]
    assert joined == sorted(joined)
    assert not stage_at(JOINED_FROM - 1e-6).joined
    assert stage_at(JOINED_FROM).joined


@pytest.mark.parametrize(
    ("start", "end", "peak"),
    [(0, JOINED_FROM, PEAK_RATE_APART), (JOINED_FROM, 1, PEAK_RATE_JOINED)],
)
def test_the_rate_rises_to_its_peak_and_falls_to_almost_nothing(
    start: float, end: float, peak: float
) -> None:
    def rate(share: float) -> float:
        return rate_at(start + share * (end - start))

    assert rate(0) < rate(WARM_UP / 2) < rate(WARM_UP)
    assert rate(WARM_UP) == pytest.approx(peak)
    assert rate(0.5) > rate(0.9) > rate(0.999)
    assert rate(0.999) < peak / 100


def test_the_rate_stays_low_when_the_budget_is_overdrawn() -> None:
    assert rate_at(1) == rate_at(1.5) < PEAK_RATE_JOINED / 100

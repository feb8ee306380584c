"""Where a page of an answer begins, as it stands in an address."""

from datetime import UTC, datetime

import pytest

from search.places import Place

MOMENT = datetime(2026, 5, 17, 12, 30, 15, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "place",
    [
        Place(3, MOMENT, 50, (0.1 + 0.2, 7)),
        Place(3, MOMENT, 50, (5e-324, 7), (1.4142135623730951, 999_999_999_999)),
        Place(3, MOMENT, 50, (0.5, 7), (1.5, 9), (0.25, 8)),
    ],
)
def test_it_is_read_as_it_was_written(place: Place) -> None:
    assert Place.parse(str(place)) == place


def test_it_is_short() -> None:
    assert str(Place(3, MOMENT, 50, (0.25, 7))) == "3_1779021015.123456_50_0.25_7"


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1_2_3", "1_2_0.5_4", "1_2_3_0.5_4_5", "x_2_3_0.5_4", "1_x_3_0.5_4"),
        *("1_nan_2_0.5_4", "1_1e300_2_0.5_4", "1_1_2_inf_4", "0.5_1_2_0.5_4"),
    ],
)
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is for nobody
        Place.parse(text)

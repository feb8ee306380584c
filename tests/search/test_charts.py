"""Charts: where numbers lie in a drawing, worked out by hand, and how they are told in words."""

from math import nan
from typing import Any

import pytest
from django.template.loader import render_to_string

from search.charts import Bar, Group, Point, Series, bar_chart, line_chart, matrix_chart
from search.charts.axes import axis_of, nice_step, number_text
from search.charts.lines import BOTTOM, LEFT, RIGHT, TOP


def curve(*values: float, name: str = "train") -> Series:
    return Series(name, [Point(epoch, value) for epoch, value in enumerate(values, 1)])


def losses(*series: Series, **options: Any) -> Any:
    return line_chart("loss", "Loss", series, x_label="Epoch", y_label="Loss", **options)


@pytest.mark.parametrize(
    ("span", "most", "step"), [(1, 5, 0.2), (7, 5, 2), (99, 5, 20), (0.03, 5, 0.01), (10, 10, 1)]
)
def test_steps_are_numbers_people_count_in(span: float, most: int, step: float) -> None:
    assert nice_step(span, most) == pytest.approx(step)


def test_whole_numbers_have_no_half_ones_between_them() -> None:
    assert nice_step(2, 8, whole=True) == 1


def test_an_axis_goes_from_one_nice_number_to_another() -> None:
    axis = axis_of([0.13, 0.87], start=100, end=0)
    assert (axis.low, axis.high) == (0, 1)
    assert [(tick.text, tick.at) for tick in axis.ticks] == [
        *(("0.0", 100), ("0.2", 80), ("0.4", 60), ("0.6", 40), ("0.8", 20), ("1.0", 0)),
    ]


def test_an_axis_of_negative_numbers_has_a_plain_zero() -> None:
    assert [tick.text for tick in axis_of([-3, 4], 0, 1).ticks] == ["-4", "-2", "0", "2", "4"]


@pytest.mark.parametrize(("values", "ends"), [([], (0, 1)), ([0], (0, 1)), ([4], (2, 6))])
def test_one_number_or_none_has_an_axis_too(values: list[float], ends: tuple[int, int]) -> None:
    axis = axis_of(values, 0, 100)
    assert (axis.low, axis.high) == ends


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.58411, "0.5841"), (1, "1"), (12.3456, "12.346"), (1e-7, "0.0000"), (nan, "–"), (None, "–")],
)
def test_numbers_are_told_in_a_few_digits(value: float | None, text: str) -> None:
    assert number_text(value) == text


def test_a_line_goes_from_edge_to_edge() -> None:
    (line,) = losses(curve(1, 0, 0.5)).lines
    middle = f"{(LEFT + RIGHT) / 2:g}"
    assert line.paths == [f"{LEFT},{TOP} {middle},{BOTTOM} {RIGHT},{(TOP + BOTTOM) / 2:g}"]
    assert [dot.text for dot in line.dots] == ["1: 1", "2: 0", "3: 0.5000"]


def test_a_band_goes_along_the_high_ends_and_back_along_the_low_ones() -> None:
    points = [Point(0, 0.5, 0, 1), Point(1, 0.5, 0.5, 0.5)]
    chart = line_chart(
        "pr", "Curve", [Series("a", points)], x_label="x", y_label="y", shares=True, whole=False
    )
    half = f"{(TOP + BOTTOM) / 2:g}"
    assert chart.lines[0].band == (f"{LEFT},{TOP} {RIGHT},{half} {RIGHT},{half} {LEFT},{BOTTOM}")


def test_a_number_that_is_none_is_a_gap() -> None:
    (line,) = losses(curve(3, nan, 2, 1)).lines
    assert [path.count(",") for path in line.paths] == [1, 2]
    assert len(line.dots) == 3


def test_many_points_are_told_by_the_line_alone() -> None:
    assert losses(curve(*range(100))).lines[0].dots == []


def test_the_table_has_a_row_for_each_place_and_a_column_a_line() -> None:
    chart = losses(curve(3, 2), Series("validation", [Point(2, 2.5, 2, 3)]))
    assert list(chart.rows) == [("1", ["3", "–"]), ("2", ["2", "2.5 (2 to 3)"])]


def test_lines_are_told_in_words() -> None:
    assert losses(curve(3, 1, 2)).description == ("train goes from 3 to 2; lowest is 1, highest 3.")


def test_nothing_yet_is_said_to_be_nothing() -> None:
    chart = losses(curve(), curve(nan))
    assert chart.is_empty
    assert "Nothing to draw yet" in render_to_string("search/charts/lines.html", {"chart": chart})


def test_bars_begin_at_the_edge_and_whiskers_end_at_their_interval() -> None:
    groups = [Group("cat", [Bar(0.5, 0.25, 0.75), Bar(None)], 10)]
    chart = bar_chart("f1", "By class", ["F1", "recall"], groups)
    (group,) = chart.drawn
    (bar,) = group.bars
    # The axis is 276 long, from 112 on.
    assert (bar.series, bar.width, bar.low, bar.high) == (1, 138, 181, 319)
    assert bar.text == "cat, F1: 0.5000 (0.2500 to 0.7500)"


def test_long_labels_are_cut_where_they_are_drawn_only() -> None:
    chart = bar_chart("f1", "By class", ["F1"], [Group("a" * 30, [Bar(1)])])
    assert chart.drawn[0].short == "a" * 13 + "…"
    assert "a" * 30 in render_to_string("search/charts/bars.html", {"chart": chart})


def test_of_many_bars_the_first_are_drawn_and_the_table_has_all() -> None:
    groups = [Group(f"class {number}", [Bar(0.5)], 4) for number in range(60)]
    chart = bar_chart("f1", "By class", ["F1"], groups, most=20)
    assert len(chart.drawn) == 20
    page = render_to_string("search/charts/bars.html", {"chart": chart})
    assert "The first 20 of 60 are drawn" in page
    assert page.count('<th scope="row">') == 60


def test_bars_are_told_in_words() -> None:
    groups = [Group("cat", [Bar(0.5)]), Group("dog", [Bar(1)])]
    assert bar_chart("f1", "By class", ["F1"], groups).description == (
        "F1 is lowest for cat, 0.5000, and highest for dog, 1."
    )


COUNTS = [[3, 1, 0], [0, 4, 0], [2, 2, 0]]


def test_a_matrix_has_a_cell_where_there_is_a_count() -> None:
    chart = matrix_chart("m", "Confusion", ["ant", "bee", "cow"], COUNTS)
    cells = [(cell.row, cell.column, cell.count, cell.share) for cell in chart.cells]
    assert cells == [(0, 0, 3, 0.75), (0, 1, 1, 0.25), (1, 1, 4, 1), (2, 0, 2, 0.5), (2, 1, 2, 0.5)]
    assert [header.at for header in chart.headers] == [13, 39, 65]
    assert chart.width == 110 + 3 * 26 + 8


def test_mistakes_come_by_their_number() -> None:
    chart = matrix_chart("m", "Confusion", ["ant", "bee", "cow"], COUNTS)
    assert [(one.truth, one.answer, one.count) for one in chart.mistakes] == [
        *(("cow", "ant", 2), ("cow", "bee", 2), ("ant", "bee", 1)),
    ]
    assert chart.description.startswith("7 of 12 are on the diagonal, that is, right. cow: 2 of 4")


def test_of_a_hundred_classes_the_most_confused_are_shown() -> None:
    counts = [[10 if row == column else 0 for column in range(100)] for row in range(100)]
    counts[70][90], counts[5][6] = 8, 3
    chart = matrix_chart("m", "Confusion", [str(number) for number in range(100)], counts)
    assert len(chart.classes) == 30
    assert {"5", "6", "70", "90"} <= set(chart.classes)
    assert chart.mistakes[0].text == "70: 8 of 18 taken for 90"
    page = render_to_string("search/charts/matrix.html", {"chart": chart})
    assert "The 30 most confused of 100 classes." in page


@pytest.mark.parametrize("kind", ["lines", "bars", "matrix"])
def test_drawings_are_told_to_those_who_do_not_see_them(kind: str) -> None:
    charts = {
        "lines": losses(curve(1, 2)),
        "bars": bar_chart("loss", "Loss", ["F1"], [Group("cat", [Bar(1)])]),
        "matrix": matrix_chart("loss", "Loss", ["ant", "bee", "cow"], COUNTS),
    }
    page = render_to_string(f"search/charts/{kind}.html", {"chart": charts[kind]})
    assert 'role="img" aria-labelledby="loss-title loss-desc"' in page
    assert '<title id="loss-title">Loss</title>' in page
    assert f'<desc id="loss-desc">{charts[kind].description}</desc>' in page
    assert "<table" in page
    assert "style=" not in page

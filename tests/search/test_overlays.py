"""What lies over a picture."""

from search.overlays import Cell, Overlay, Shown


def test_the_strongest_place_is_the_brightest_and_what_takes_away_is_dark() -> None:
    levels = [cell.level for cell in Overlay([[0.2, 0.4], [0.0, -0.1]]).cells()]
    assert levels == [0.5, 1, 0, 0]


def test_a_map_of_nothing_is_dark() -> None:
    assert {cell.level for cell in Overlay([[0.0, -0.1]]).cells()} == {0}


def test_cells_at_an_edge_reach_over_it() -> None:
    left, middle, right = Overlay([[1.0, 1.0, 1.0]]).cells()
    assert left == Cell(-1, -1, 2, 3, 1)
    assert middle == Cell(1, -1, 1, 3, 1)
    assert right == Cell(2, -1, 2, 3, 1)


def test_a_part_is_a_box_of_pixels() -> None:
    part = Shown("Half", 200, 100, "", "", crop=(0.5, 0, 0.25, 1))
    assert part.box == (100, 0, 50, 100)

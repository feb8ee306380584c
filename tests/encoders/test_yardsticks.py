"""What `compact` is measured against, worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from search.encoders.compact.yardsticks import colour_histograms, markdown_table


def test_a_histogram_of_one_colour_is_one_bin() -> None:
    red = np.zeros((1, 2, 2, 3), np.float32)
    red[..., 0] = 255
    histogram = colour_histograms(red)[0]
    assert np.flatnonzero(histogram).tolist() == [3 * 16]
    assert histogram[48] == 1


def test_a_histogram_holds_roots_of_frequencies_and_is_of_unit_length() -> None:
    pixels = np.zeros((1, 2, 2, 3), np.float32)
    pixels[0, 0, 0] = 255
    histogram = colour_histograms(pixels)[0]
    assert np.allclose(histogram[[0, 63]], np.sqrt([3 / 4, 1 / 4]))
    assert np.linalg.norm(histogram) == 1


def test_a_table_has_one_row_for_each_network() -> None:
    figures = {"map": 0.5, "precision_at_1": 1.0, "precision_at_5": 0.6, "recall_at_10": 0.4}
    row = {"encoder": "compact", **figures, "images_per_second": 99.6}
    assert markdown_table([row]).splitlines() == [
        "| network | mAP | P@1 | P@5 | R@10 | images/s |",
        "| --- | --- | --- | --- | --- | --- |",
        "| compact | 0.5 | 1.0 | 0.6 | 0.4 | 100 |",
    ]


def test_a_folder_without_photographs_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="objects is not a directory"):
        call_command("yardsticks", str(tmp_path))

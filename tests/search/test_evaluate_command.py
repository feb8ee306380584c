"""`evaluate_retrieval` on the gallery's own labels, from the vectors that are stored."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gallery.models import Image, User, Visibility
from search.models import Embedding, Encoder
from tests.search.conftest import at


def evaluate(*options: Any) -> str:
    out = StringIO()
    call_command("evaluate_retrieval", *options, stdout=out)
    return out.getvalue()


def figures(*options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(evaluate("--json", *options))
    return found


@pytest.mark.parametrize("labels", ["tags", "albums"])
def test_the_gallerys_own_labels_are_measured(pets: list[Image], labels: str) -> None:
    found = figures("--labels", labels)
    assert (found["encoder"], found["images"], found["classes"]) == ("tiny", 20, 2)
    assert (found["map"], found["precision_at_1"], found["recall_at_10"]) == (1.0, 1.0, 1.0)
    assert found["figures"]["macro_f1"] == {"value": 1.0, "low": 1.0, "high": 1.0, "queries": 20}
    assert found["confusion_matrix"]["counts"] == [[10, 0], [0, 10]]
    assert found["images_per_second"] is found["latency_ms"] is None


def test_the_parameters_are_told(pets: list[Image]) -> None:
    assert figures("--k", "3", "--seed", "4")["parameters"] == {
        "labels": "tags",
        "user": None,
        "split": None,
        "at_least": 5,
        "k": 3,
        "votes": 5,
        "seed": 4,
    }


def test_a_part_is_ranked_against_what_is_learned_from(pets: list[Image]) -> None:
    found = figures("--split", "test")
    assert (found["images"], found["candidates"], found["queries"]) == (2, 16, 2)
    assert found["map"] == 1
    found = figures("--split", "train")
    assert (found["images"], found["candidates"]) == (16, 16)


def test_another_encoder_is_measured_on_the_same_images(pets: list[Image], other: Encoder) -> None:
    for image in pets[1:]:
        # All in one place: the first candidates answer, whatever they are.
        Embedding.objects.create(image=image, encoder=other, vector=at(1), state="ready")
    found = figures("--encoder", "other")
    assert (found["encoder"], found["images"], found["without_vector"]) == ("other", 19, 1)
    assert found["figures"]["accuracy"]["value"] < 0.6
    assert figures("--split", "test", "--encoder", "other")["candidates"] in {15, 16}


def test_only_what_a_person_may_see_is_measured(
    pets: list[Image], bob: User, charlie: User
) -> None:
    for image in [*pets[:6], *pets[-6:]]:
        image.shared_with.add(bob)
    assert figures("--user", "bob")["images"] == 12
    with pytest.raises(CommandError, match="that charlie may see are needed; there are none"):
        evaluate("--user", "charlie")
    Image.objects.update(visibility=Visibility.MEMBERS)
    assert figures("--user", "charlie")["images"] == 20
    with pytest.raises(CommandError, match="none with any"):
        evaluate("--user", "charlie", "--labels", "albums")


def test_people_get_a_table(pets: list[Image]) -> None:
    Embedding.objects.filter(image=pets[4]).update(vector=at(24.5))
    table = evaluate("--votes", "3")
    assert "queries            20\n" in table
    assert "macro_f1           0.9" in table
    assert "cat       1.0000  0.9000  0.9474      10\n" in table
    assert "cat taken for dog: 1\n" in table


def test_the_figures_are_taken_away_as_csv(pets: list[Image], tmp_path: Path) -> None:
    evaluate("--csv", tmp_path / "figures.csv")
    with (tmp_path / "figures.csv").open(newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows[0] == ["figure", "class", "value", "low", "high", "queries"]
    assert ["map", "", "1.0", "1.0", "1.0", "20"] in rows
    assert ["recall", "dog", "1.0", "1.0", "1.0", "10"] in rows
    assert ["precision_at_recall_0.5", "", "1.0", "1.0", "1.0", "20"] in rows


def test_what_cannot_be_written_was_printed(pets: list[Image], tmp_path: Path) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="could not be written"):
        call_command("evaluate_retrieval", "--json", csv=tmp_path / "no" / "f.csv", stdout=out)
    assert json.loads(out.getvalue())["map"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--at-least", "11"], r"two tags with 11 or more .* largest: cat \(10\), dog \(10\)"),
        (["--user", "zoe"], "nobody called 'zoe'"),
        (["--encoder", "vgg"], "no encoder 'vgg'"),
        (["--at-least", "1"], "'1' is no whole number of 2 or more"),
        (["--k", "0"], "'0' is no whole number of 1 or more"),
        (["--labels", "words"], "invalid choice: 'words'"),
        ([".", "--split", "test", "--at-least", "3"], "--split, --at-least can't be had with DIR"),
    ],
)
def test_bad_input_is_named(pets: list[Image], options: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        evaluate(*options)


def test_labels_without_vectors_are_said_to_have_none(pets: list[Image], tiny: Encoder) -> None:
    Embedding.objects.all().delete()
    with pytest.raises(CommandError, match="None of the 20 labelled images has a vector of tiny"):
        evaluate()


def test_nobody_to_find_is_said(pets: list[Image]) -> None:
    Embedding.objects.exclude(image__in=[pets[0], pets[-1]]).delete()
    with pytest.raises(CommandError, match="None of 2 images has another of its class"):
        evaluate()

"""A labelled directory is measured as it is; what can't be read is named."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from search.evaluation import EvaluationError, evaluate_directory
from search.models import Encoder
from tests.tiny_encoder import TinyEncoder

COLOURS = {"reds": ["#f00", "#e00", "#d10"], "blues": ["#00f", "#00e", "#01d"]}
KEYS = [
    "encoder",
    "images",
    "classes",
    "map",
    "precision_at_1",
    "precision_at_5",
    "recall_at_10",
    "images_per_second",
    "latency_ms",
    "candidates",
    "without_vector",
    "marks",
    "queries",
    "excluded",
    "figures",
    "precision_recall",
    "per_class",
    "confusion_matrix",
]


@pytest.fixture
def objects(tmp_path: Path) -> Path:
    """Two classes of three images, of a red and of a blue kind."""
    for label, colours in COLOURS.items():
        (tmp_path / label).mkdir()
        for number, colour in enumerate(colours):
            Image.new("RGB", (32, 32), colour).save(tmp_path / label / f"{number}.png")
    return tmp_path


def evaluate(folder: Path, *options: str) -> str:
    out = StringIO()
    call_command("evaluate_retrieval", folder, *options, stdout=out)
    return out.getvalue()


def test_the_figures_of_a_directory(objects: Path) -> None:
    found = evaluate_directory(objects, TinyEncoder()).as_json()
    assert list(found) == KEYS
    assert found["images_per_second"] > 0
    assert list(found.values())[:7] == ["tiny", 6, 2, 1.0, 1.0, 0.4, 1.0]
    assert found["figures"]["map"] == {"value": 1.0, "low": 1.0, "high": 1.0, "queries": 6}
    assert found["figures"]["accuracy"]["value"] == 0  # of 5 votes 3 are the other class's


def test_how_long_one_image_takes_is_told_beside_how_many_a_second(objects: Path) -> None:
    latency = evaluate_directory(objects, TinyEncoder()).as_json()["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"]


def test_unreadable_files_are_named_and_the_rest_is_measured(objects: Path) -> None:
    (objects / "reds" / "broken.jpg").write_bytes(b"no image")
    (objects / "reds" / ".DS_Store").write_bytes(b"hidden")
    found = evaluate_directory(objects, TinyEncoder())
    assert found.images == 6
    assert [path.name for path, _ in found.unreadable] == ["broken.jpg"]


def test_a_missing_directory_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="is not a directory"):
        evaluate_directory(tmp_path / "nowhere", TinyEncoder())


def test_an_empty_directory_has_nothing_to_measure(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no folder with images"):
        evaluate_directory(tmp_path, TinyEncoder())


def test_one_class_alone_can_be_mistaken_for_nothing(objects: Path) -> None:
    (objects / "blues").rename(objects / ".blues")
    with pytest.raises(EvaluationError, match="at least two"):
        evaluate_directory(objects, TinyEncoder())


def test_classes_of_one_image_each_have_nothing_to_find(objects: Path) -> None:
    for spare in [*objects.glob("*/1.png"), *objects.glob("*/2.png")]:
        spare.unlink()
    with pytest.raises(EvaluationError, match="two or more"):
        evaluate_directory(objects, TinyEncoder())


@pytest.mark.django_db
def test_the_command_prints_one_json_object(objects: Path) -> None:
    found = json.loads(evaluate(objects, "--json"))
    assert list(found) == [*KEYS, "parameters"]
    assert found["encoder"] == "tiny"
    parameters = {"directory": str(objects), "k": 10, "votes": 5, "seed": 0}
    assert found["parameters"] == parameters


@pytest.mark.django_db
def test_the_command_prints_a_table_for_people(objects: Path) -> None:
    table = evaluate(objects, "--encoder", "tiny", "--votes", "1")
    assert "precision_at_1     1.0000  1.0000 to 1.0000\n" in table
    assert "blues     1.0000  1.0000  1.0000       3\n" in table


@pytest.mark.django_db
def test_the_command_measures_the_encoder_that_answers(objects: Path) -> None:
    Encoder.objects.all().delete()
    Encoder.objects.create(name="retired", digest="1" * 64, dimensions=3, is_active=True)
    with pytest.raises(CommandError, match="no encoder 'retired'"):
        evaluate(objects)


@pytest.mark.django_db
def test_the_command_names_bad_input(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not a directory"):
        evaluate(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="no encoder 'vgg'"):
        evaluate(tmp_path, "--encoder", "vgg")


@pytest.mark.django_db
def test_the_command_fails_after_its_figures_when_files_were_left_out(objects: Path) -> None:
    (objects / "reds" / "broken.jpg").write_bytes(b"no image")
    out = StringIO()
    with pytest.raises(CommandError, match=r"1 could not be read[^\n]*\n.*broken\.jpg: "):
        call_command("evaluate_retrieval", objects, "--json", stdout=out)
    assert json.loads(out.getvalue())["images"] == 6

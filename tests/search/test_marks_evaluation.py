"""`evaluate_retrieval --labels marks`: right results before wrong ones, by what people marked."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gallery.models import Image, User
from search.marks import mark
from search.models import Embedding, Encoder

Line = dict[int, Image]


def at(place: float) -> list[float]:
    """A vector as wide as the tiny encoder's."""
    return [float(place)] + [0.0] * 11


@pytest.fixture
def line(store: Callable[..., Image], tiny: Encoder) -> Line:
    """Alice's images on a line, at 0 to 9."""
    images = {place: store((place, 0, 0)) for place in range(10)}
    for place, image in images.items():
        Embedding.objects.create(image=image, encoder=tiny, vector=at(place), state="ready")
    return images


@pytest.fixture
def marked(line: Line, alice: User) -> Line:
    """Of the image at 0: right, wrong, unmarked, right; of that at 9: two wrong, then a right."""
    for asked, places, is_relevant in [
        (0, (1, 4), True),
        (0, (2,), False),
        (9, (8, 7), False),
        (9, (5,), True),
        # Whatever comes first here, it is right.
        (3, (1, 2), True),
    ]:
        for place in places:
            mark(alice, line[asked], line[place], is_relevant)
    return line


def evaluate(*options: Any) -> str:
    out = StringIO()
    call_command("evaluate_retrieval", "--labels", "marks", *options, stdout=out)
    return out.getvalue()


def figures(*options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(evaluate("--json", *options))
    return found


def value(found: dict[str, Any], name: str) -> float:
    return float(found["figures"][name]["value"])


def test_rankings_are_condensed_to_what_was_marked(marked: Line) -> None:
    found = figures()
    # At ranks 1 and 3 of three, and at 3 of three; what nobody marked has no rank.
    precisions = [(1 + 2 / 3) / 2, 1 / 3]
    assert found["map"] == pytest.approx(sum(precisions) / 2, abs=1e-4)
    # One wrong of one before the second right one; both wrong ones before the only one.
    assert value(found, "bpref") == pytest.approx((1 / 2 + 0) / 2, abs=1e-4)
    assert value(found, "precision_at_1") == 1 / 2
    assert found["precision_at_5"] == pytest.approx((2 / 5 + 1 / 5) / 2)
    assert found["figures"]["map"]["low"] == pytest.approx(1 / 3, abs=1e-4)


def test_only_what_has_a_right_and_a_wrong_result_asks(marked: Line) -> None:
    found = figures("--k", "3")
    assert (found["images"], found["queries"], found["excluded"]) == (3, 2, 1)
    assert (found["marks"], found["candidates"], found["classes"]) == (8, 6, 0)
    assert found["parameters"] == {"labels": "marks", "user": None, "k": 3, "seed": 0}
    assert "\nmarks              8\n" in evaluate()


def test_marks_of_images_without_a_vector_wait(marked: Line, other: Encoder) -> None:
    with pytest.raises(CommandError, match="Of 0 images with marked results"):
        evaluate("--encoder", "other")
    for place in (0, 1, 2):
        Embedding.objects.create(
            image=marked[place], encoder=other, vector=at(-place), state="ready"
        )
    found = figures("--encoder", "other")
    assert (found["map"], found["queries"], found["marks"]) == (1, 1, 2)
    assert found["without_vector"] == 6


def test_people_are_measured_by_what_they_marked_and_staff_by_all_they_may_see(
    marked: Line, bob: User, charlie: User
) -> None:
    for place in (0, 1, 2):
        marked[place].shared_with.add(bob)
    with pytest.raises(CommandError, match="No results are marked"):
        evaluate("--user", "bob")
    User.objects.filter(pk__in=[bob.pk, charlie.pk]).update(is_staff=True)
    assert figures("--user", "bob")["marks"] == 2
    with pytest.raises(CommandError, match="No results are marked"):
        evaluate("--user", "charlie")
    assert figures("--user", "alice")["marks"] == 8


def test_what_lies_in_the_trash_is_not_measured(marked: Line) -> None:
    Image.objects.filter(pk=marked[9].pk).trash()
    assert figures()["queries"] == 1


def test_parts_and_sizes_are_of_classes(marked: Line) -> None:
    with pytest.raises(CommandError, match="--at-least, --split can't be had with marks"):
        evaluate("--split", "test", "--at-least", "3")

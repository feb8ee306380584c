"""POST /api/v1/search/ and its answer: by a picture that is not stored, or by examples."""

from collections.abc import Callable
from io import BytesIO
from threading import Timer
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image as Pillow

from gallery.models import Image, StrayFile, User, Visibility
from gallery.tasks import delete_stray_files
from search.api import queries
from search.asking import embed_next_query, rocchio, sweep_queries
from search.models import Query

Store = Callable[..., Image]
SEARCH = "/api/v1/search/"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PATIENCE_SECONDS", 0.0)


@pytest.fixture
def colours(store: Store, bob: User, embed: Callable[..., None]) -> dict[str, Image]:
    images = [
        store("#ff0000", title="red", tags=["warm"]),
        store("#ff9000", title="yellow", tags=["warm"]),
        store("#0000ff", title="blue", visibility=Visibility.PUBLIC),
        store("#ff1010", owner=bob, title="pink"),
    ]
    embed(*images)
    return {image.title: image for image in images}


@pytest.fixture
def two_colours() -> SimpleUploadedFile:
    """Red on the left, blue on the right."""
    both = Pillow.new("RGB", (100, 50), "#ff0000")
    both.paste("#0000ff", (50, 0, 100, 50))
    out = BytesIO()
    both.save(out, "PNG")
    return SimpleUploadedFile("two.png", out.getvalue())


@pytest.fixture
def text_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.jpg", b"words, not pixels")


def titles(answer: Any) -> list[str]:
    return [found["image"]["title"] for found in answer.json()["results"]]


def result(client: Any, asked: Any, **page: Any) -> Any:
    return client.get(f"{SEARCH}{asked.json()['id']}/", page)


def test_a_file_waits_and_then_has_its_neighbours(
    api: Any, alice: User, colours: dict[str, Image], picture: Any
) -> None:
    asked = api(alice).post(SEARCH, {"file": picture("#ff0505")})
    assert (asked.status_code, asked.json()["state"]) == (202, "pending")
    assert embed_next_query()
    answer = result(api(alice), asked)
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert titles(answer) == ["red", "yellow", "blue"]


def test_the_picture_never_becomes_an_image_and_its_file_goes(
    api: Any, alice: User, colours: dict[str, Image], picture: Any
) -> None:
    api(alice).post(SEARCH, {"file": picture("#ff0505")})
    name = Query.objects.get().file_name
    assert default_storage.exists(name)
    embed_next_query()
    delete_stray_files()
    assert not default_storage.exists(name)
    assert Image.objects.count() == len(colours)


def test_a_crop_asks_for_a_part(
    api: Any, alice: User, colours: dict[str, Image], two_colours: Any
) -> None:
    asked = api(alice).post(SEARCH, {"file": two_colours, "crop": "0.5,0,0.5,1"})
    embed_next_query()
    assert titles(result(api(alice), asked))[0] == "blue"


def test_filters_are_part_of_the_question(
    api: Any, alice: User, colours: dict[str, Image], picture: Any
) -> None:
    asked = api(alice).post(SEARCH, {"file": picture("#0000ff"), "tag": "warm", "limit": 1})
    embed_next_query()
    answer = result(api(alice), asked)
    assert titles(answer) == ["yellow"]
    assert titles(api(alice).get(answer.json()["next"])) == ["red"]


def test_examples_are_answered_at_once_and_are_no_results(
    api: Any, alice: User, colours: dict[str, Image]
) -> None:
    examples = {"positive": [colours["red"].pk], "negative": [colours["blue"].pk]}
    answer = api(alice).post(SEARCH, examples, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert titles(answer) == ["yellow"]


def test_an_example_one_may_not_see_does_not_exist(
    api: Any, alice: User, colours: dict[str, Image]
) -> None:
    answer = api(alice).post(SEARCH, {"positive": [colours["pink"].pk]}, format="json")
    assert answer.status_code == 400
    assert "There is no image" in answer.json()["detail"]


def test_a_strangers_query_is_not_found(
    api: Any, alice: User, charlie: User, colours: dict[str, Image]
) -> None:
    asked = api(alice).post(SEARCH, {"positive": [colours["red"].pk]}, format="json")
    assert result(api(charlie), asked).status_code == 404
    assert result(api(), asked).status_code == 401


def test_one_signs_in_to_ask(api: Any, db: None, picture: Any) -> None:
    assert api().post(SEARCH, {"file": picture()}).status_code == 401
    assert not Query.objects.exists()


@pytest.mark.parametrize(
    "asked", [{}, {"positive": []}, {"positive": ["x"]}, {"positive": [1], "crop": "0,0,1,1"}]
)
def test_a_question_that_makes_no_sense_is_told_so(api: Any, alice: User, asked: Any) -> None:
    answer = api(alice).post(SEARCH, asked, format="json")
    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize("crop", ["1,2", "0,0,2,1", "a,b,c,d", "nan,0,1,1", "0,0,0,1"])
def test_a_crop_outside_the_picture_is_refused(
    api: Any, alice: User, picture: Any, crop: str
) -> None:
    answer = api(alice).post(SEARCH, {"file": picture(), "crop": crop})
    assert answer.status_code == 400
    assert "crop" in answer.json()["errors"]


def test_a_file_that_is_no_image_leaves_nothing(api: Any, alice: User, text_file: Any) -> None:
    assert api(alice).post(SEARCH, {"file": text_file}).status_code == 415
    assert not Query.objects.exists()
    assert not StrayFile.objects.exists()


def test_a_cut_off_picture_fails_with_a_reason(api: Any, alice: User, picture: Any) -> None:
    whole = picture("red", format="JPEG", size=(400, 300))
    whole.file.truncate(whole.size // 2)
    whole.size //= 2
    asked = api(alice).post(SEARCH, {"file": whole})
    embed_next_query()
    answer = result(api(alice), asked)
    assert answer.json()["state"] == "failed"
    assert "ends too early" in answer.json()["error"]


def test_a_query_is_forgotten_after_a_day(api: Any, alice: User, colours: dict[str, Image]) -> None:
    api(alice).post(SEARCH, {"positive": [colours["red"].pk]}, format="json")
    assert not sweep_queries()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_query SET created_at = now() - interval '25 hours'")
    sweep_queries()
    assert not Query.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_answer_ready_within_two_seconds_comes_at_once(
    api: Any, alice: User, picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PATIENCE_SECONDS", 10.0)
    worker = Timer(0.3, embed_and_leave)
    worker.start()
    answer = api(alice).post(SEARCH, {"file": picture()})
    worker.join()
    assert (answer.status_code, answer.json()["results"]) == (200, [])


def embed_and_leave() -> None:
    embed_next_query()
    connection.close()


def test_rocchio_leans_away_from_what_is_avoided() -> None:
    assert rocchio([[1.0, 0.0], [0.0, 1.0]], []) == pytest.approx([0.5**0.5, 0.5**0.5])
    assert rocchio([[1.0, 0.0]], [[0.0, 1.0]]) == pytest.approx([0.9**0.5, -(0.1**0.5)])

"""POST /api/v1/search/ and its answer: by a picture that is not stored, or by examples."""

from collections.abc import Callable
from io import BytesIO
from threading import Timer
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import ExifTags
from PIL import Image as Pillow

from gallery.ingest import store_image
from gallery.models import Image, StrayFile, User, Visibility
from gallery.tasks import delete_stray_files
from search import fetching
from search.api import queries
from search.asking import embed_next_query, forget, rocchio, sweep_queries
from search.models import DistanceScale, Encoder, Query
from tests.conftest import picture_bytes
from tests.search.hostile import picture as served
from tests.search.hostile import serving
from tests.search.test_fetching import LOCAL

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


def test_whoever_asked_first_is_served_first(api: Any, alice: User, picture: Any) -> None:
    for _ in range(6):
        api(alice).post(SEARCH, {"file": picture("#ff0505")})
    asked = list(Query.objects.order_by("created_at"))
    for count in range(1, 4):
        embed_next_query()
        ready = Query.objects.exclude(vector=None).order_by("created_at")
        assert list(ready) == asked[:count]


def test_an_encoder_that_can_not_be_loaded_lets_nobody_wait(
    api: Any, alice: User, colours: dict[str, Image], picture: Any, unloadable: Encoder
) -> None:
    lost, found = (
        api(alice).post(SEARCH, {"file": picture("#ff0505"), "encoder": name})
        for name in ("unloadable", "tiny")
    )
    while embed_next_query():
        pass
    answer = result(api(alice), lost).json()
    assert (answer["state"], answer["results"]) == ("failed", [])
    assert answer["error"] == "The encoder 'unloadable' can't be loaded: Too large."
    assert titles(result(api(alice), found)) == ["red", "yellow", "blue"]


def test_the_picture_never_becomes_an_image_and_its_file_goes_with_the_query(
    api: Any, alice: User, colours: dict[str, Image], picture: Any
) -> None:
    api(alice).post(SEARCH, {"file": picture("#ff0505")})
    query = Query.objects.get()
    embed_next_query()
    delete_stray_files()
    assert default_storage.exists(query.file_name)
    forget(query)
    delete_stray_files()
    assert not default_storage.exists(query.file_name)
    assert Image.objects.count() == len(colours)


def test_nothing_is_kept_of_the_file_but_its_pixels(api: Any, alice: User) -> None:
    photo, exif = Pillow.new("RGB", (3000, 1500), "red"), Pillow.Exif()
    exif[ExifTags.Base.Orientation], exif[ExifTags.Base.Make] = 6, "Camera"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    out = BytesIO()
    photo.save(out, "JPEG", exif=exif, comment=b"taken at home")
    api(alice).post(SEARCH, {"file": SimpleUploadedFile("home.jpg", out.getvalue())})
    with Pillow.open(default_storage.path(Query.objects.get().file_name)) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (800, 1600), {})
        assert not {"comment", "icc_profile", "exif"} & set(kept.info)


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


def test_copies_are_one_result_where_that_is_asked(
    api: Any, alice: User, colours: dict[str, Image], store: Store, embed: Callable[..., None]
) -> None:
    embed(store("#0000fe", title="twin"))
    encoder = Encoder.objects.get(name="tiny")
    DistanceScale.objects.create(encoder=encoder, quantiles=[0.2] * 101, images=500)
    asked = {"positive": [colours["red"].pk], "alike": "together"}
    answer = api(alice).post(SEARCH, asked, format="json")
    assert [one["alike"] for one in answer.json()["results"]] == [[], [colours["blue"].pk]]
    assert titles(result(api(alice), answer, alike="apart")) == ["yellow", "twin", "blue"]


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
    "asked",
    [
        {},
        {"positive": []},
        {"positive": ["x"]},
        {"positive": [1, 2], "crop": "0,0,1,1"},
        {"positive": [1], "negative": [2], "crop": "0,0,1,1"},
        {"positive": [1], "url": "http://pictures.example/"},
        {"url": "http://pictures.example/", "negative": [1]},
        {"url": ""},
    ],
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


def test_a_cut_off_picture_is_refused_with_a_reason(api: Any, alice: User, picture: Any) -> None:
    whole = picture("red", format="JPEG", size=(400, 300))
    whole.file.truncate(whole.size // 2)
    whole.size //= 2
    answer = api(alice).post(SEARCH, {"file": whole})
    assert (answer.status_code, Query.objects.count()) == (400, 0)
    assert "ends too early" in answer.json()["detail"]


@pytest.fixture
def by_part(api: Any, alice: User, bob: User, two_colours: SimpleUploadedFile) -> Any:
    """Alice's question by the right half of an image that Bob let her see."""
    both, _ = store_image(bob, two_colours)
    both.shared_with.add(alice)
    return api(alice).post(SEARCH, {"positive": [both.pk], "crop": "0.5,0,0.5,1"}, format="json")


def test_a_part_of_a_stored_image(
    api: Any, alice: User, colours: dict[str, Image], by_part: Any
) -> None:
    assert (by_part.status_code, by_part.json()["state"]) == (202, "pending")
    embed_next_query()
    answer = result(api(alice), by_part)
    assert titles(answer) == ["blue", "yellow", "red"]


def test_it_is_gone_when_one_may_no_longer_see_the_image(
    api: Any, alice: User, colours: dict[str, Image], by_part: Any
) -> None:
    embed_next_query()
    Image.objects.get(title="two").shared_with.clear()
    assert result(api(alice), by_part).status_code == 404


def test_a_part_of_an_image_one_may_not_see(
    api: Any, charlie: User, colours: dict[str, Image]
) -> None:
    asked = {"positive": [colours["red"].pk], "crop": "0,0,1,1"}
    answer = api(charlie).post(SEARCH, asked, format="json")
    assert answer.status_code == 400
    assert "There is no image" in answer.json()["detail"]


def test_a_picture_by_its_address(
    api: Any, alice: User, colours: dict[str, Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "POLICY", LOCAL)
    with serving(served(picture_bytes("#ff0505"))) as server:
        asked = api(alice).post(SEARCH, {"url": server.address(), "tag": "warm"}, format="json")
    embed_next_query()
    assert titles(result(api(alice), asked)) == ["red", "yellow"]


def test_an_address_of_this_machine_is_refused(api: Any, alice: User) -> None:
    with serving(served(picture_bytes())) as server:
        answer = api(alice).post(SEARCH, {"url": server.address()})
        assert (answer.status_code, server.heard) == (400, [])
    assert "not on the public web" in answer.json()["detail"]
    assert not StrayFile.objects.exists()


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

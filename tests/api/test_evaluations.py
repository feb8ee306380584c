"""/api/v1/evaluations/: started, listed and read, by those who may."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission

from gallery.models import Image, User, Visibility
from search.evaluations.working import evaluate_next
from search.models import Embedding, Encoder, Evaluation

ADDRESS = "/api/v1/evaluations/"


@pytest.fixture
def staff(api: Any, alice: User) -> Any:
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="add_evaluation"))
    return api(User.objects.get(pk=alice.pk))


@pytest.fixture
def pairs(store: Callable[..., Image], alice: User) -> list[Image]:
    """Two of each of two kinds, with vectors."""
    tiny = Encoder.objects.get(name="tiny")
    images = [store((number, 0, 0), tags=["cat" if number < 2 else "dog"]) for number in range(4)]
    for number, image in enumerate(images):
        vector = [float(number if number < 2 else number + 5)] + [0.0] * 11
        Embedding.objects.create(image=image, encoder=tiny, vector=vector, state="ready")
    return images


def start(client: Any, **asked: Any) -> Any:
    return client.post(ADDRESS, {"at_least": 2, **asked}, format="json")


def test_one_starts_it_and_reads_the_figures(staff: Any, pairs: list[Image]) -> None:
    started = start(staff)
    assert (started.status_code, started.headers["Retry-After"]) == (202, "1")
    assert (started.json()["state"], started.json()["found"]) == ("pending", None)
    assert evaluate_next()
    read = staff.get(started.headers["Location"]).json()
    assert (read["state"], read["encoder"], read["error"]) == ("ready", "tiny", "")
    assert read["found"]["figures"]["map"] == {"value": 1, "low": 1, "high": 1, "queries": 4}
    assert read["parameters"] == {
        "labels": "tags",
        "at_least": 2,
        "split": None,
        "k": 10,
        "votes": 5,
        "seed": 0,
    }


def test_they_are_listed_newest_first(staff: Any, pairs: list[Image]) -> None:
    first, second = start(staff).json(), start(staff, seed=1).json()
    evaluate_next()
    listed = staff.get(ADDRESS).json()
    assert [one["id"] for one in listed["results"]] == [second["id"], first["id"]]
    assert [one["map"] for one in listed["results"]] == [None, 1]
    assert listed["next"] is None


def test_a_list_takes_one_query(
    admin: Any, api: Any, pairs: list[Image], django_assert_num_queries: Any
) -> None:
    Image.objects.update(visibility=Visibility.PUBLIC)
    client = api(User.objects.get(username="root"))
    for seed in range(3):
        start(client, seed=seed)
    with django_assert_num_queries(1):
        assert len(client.get(ADDRESS).json()["results"]) == 3


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"encoder": "vgg"}, "encoder", "There is no encoder 'vgg'"),
        ({"at_least": 3}, "__all__", "Of 2 the largest: cat (2), dog (2)."),
        ({"labels": "albums"}, "__all__", "there are none with any."),
        ({"split": "half"}, "split", "is not a valid choice"),
        ({"k": 0}, "k", "greater than or equal to 1"),
    ],
)
def test_what_can_not_be_measured_is_said(
    staff: Any, pairs: list[Image], asked: dict[str, Any], field: str, said: str
) -> None:
    answer = start(staff, **asked)
    assert answer.status_code == 400
    assert said in " ".join(answer.json()["errors"][field])
    assert not Evaluation.objects.exists()


def test_others_may_not(api: Any, charlie: User, staff: Any, pairs: list[Image]) -> None:
    address = start(staff).headers["Location"]
    for client, status in [(api(charlie), 403), (api(), 401)]:
        assert start(client).status_code == status
        assert client.get(ADDRESS).status_code == status
        assert client.get(address).status_code == status


def test_what_others_started_is_not_there(staff: Any, bob: User, pairs: list[Image]) -> None:
    address = start(staff).headers["Location"]
    Evaluation.objects.update(started_by=bob)
    assert staff.get(address).status_code == 404
    assert staff.get(ADDRESS).json()["results"] == []

"""/api/v1/searches/: kept questions, their answers, and what is new in these."""

from collections.abc import Callable
from typing import Any

import pytest

from gallery.models import Image, User
from search.api import queries
from search.asking import embed_next_query
from search.models import Encoder, Query, SavedSearch
from search.news import check_longest_unchecked

Store = Callable[..., Image]
Embed = Callable[..., None]
SEARCHES = "/api/v1/searches/"


def save(client: Any, **asked: Any) -> Any:
    answer = client.post(SEARCHES, {"name": "Reddish", **asked}, format="json")
    assert answer.status_code == 201, answer.json()
    return answer.json()


@pytest.fixture
def saved(api: Any, alice: User, red: Image) -> Any:
    return save(api(alice), positive=[red.pk])


def results(client: Any, saved: Any) -> list[tuple[str, bool]]:
    answer = client.get(saved["results_url"])
    assert answer.status_code == 200, answer.json()
    return [(found["image"]["title"], found["is_new"]) for found in answer.json()["results"]]


def test_it_is_kept_with_examples_and_filters(api: Any, alice: User, red: Image) -> None:
    far = Image.objects.get(title="far").pk
    save(api(alice), positive=[red.pk], negative=[far], filters={"max_distance": "0.5"})
    kept = api(alice).get(SEARCHES).json()["results"][0]
    assert (kept["name"], kept["positive"], kept["negative"]) == ("Reddish", [red.pk], [far])
    assert (kept["filters"], kept["new_count"]) == ({"max_distance": "0.5"}, 0)
    assert results(api(alice), kept) == [("near", False)]


def test_what_is_new_stays_new_until_one_says_that_one_has_looked(
    api: Any, alice: User, saved: Any, store: Store, embed: Embed
) -> None:
    embed(store("#fe0000", title="fresh"))
    check_longest_unchecked()
    address = f"{SEARCHES}{saved['id']}/"
    assert api(alice).get(address).json()["new_count"] == 1
    for _ in range(2):
        assert results(api(alice), saved)[0] == ("fresh", True)
    assert api(alice).post(f"{address}look/").status_code == 204
    assert api(alice).get(address).json()["new_count"] == 0
    assert results(api(alice), saved)[0] == ("fresh", False)


def test_pages_follow_each_other(api: Any, alice: User, red: Image) -> None:
    saved = save(api(alice), positive=[red.pk], filters={"limit": "1"})
    first = api(alice).get(saved["results_url"]).json()
    assert first["watched"] == 1
    second = api(alice).get(first["next"]).json()
    assert [found["image"]["title"] for found in second["results"]] == ["far"]


def test_a_private_image_is_neither_found_nor_counted(
    api: Any, bob: User, red: Image, store: Store, embed: Embed
) -> None:
    saved = save(api(bob), positive=[red.pk])
    secret = store("#fe0000")
    embed(secret)
    check_longest_unchecked()
    SavedSearch.objects.update(news=[secret.pk])
    assert results(api(bob), saved) == []
    assert api(bob).get(f"{SEARCHES}{saved['id']}/").json()["new_count"] == 0


def test_others_get_404_and_nobody_401(api: Any, bob: User, charlie: User, saved: Any) -> None:
    address = f"{SEARCHES}{saved['id']}/"
    for person in (bob, charlie):
        client = api(person)
        assert client.get(SEARCHES).json() == {"results": []}
        calls = [client.get(address), client.get(f"{address}results/")]
        calls += [client.post(f"{address}look/"), client.delete(address)]
        calls += [client.patch(address, {"name": "Mine"}, format="json")]
        assert {call.status_code for call in calls} == {404}
    assert api().get(SEARCHES).status_code == api().get(address).status_code == 401
    assert SavedSearch.objects.get().name == "Reddish"


def test_rename_and_delete(api: Any, alice: User, saved: Any) -> None:
    address = f"{SEARCHES}{saved['id']}/"
    renamed = api(alice).patch(address, {"name": "Walls"}, format="json")
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Walls")
    assert api(alice).delete(address).status_code == 204
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"name": "Reddish", "positive": ["{red}"]}, "name"),
        ({"positive": [1]}, "name"),
        ({"name": "Nothing"}, "positive"),
        ({"name": "Zero", "positive": [0]}, "positive"),
        ({"name": "Both", "positive": ["{red}"], "negative": ["{red}"]}, "negative"),
        (
            {"name": "Far", "positive": ["{red}"], "filters": {"max_distance": "far"}},
            "max_distance",
        ),
        ({"name": "Gone", "query": "5e0bfa2c-3d34-4c0e-9a52-2f3b4d0a9a11"}, "query"),
    ],
)
def test_what_makes_no_sense_is_told(
    api: Any, alice: User, saved: Any, red: Image, asked: dict[str, Any], field: str
) -> None:
    said = {
        name: [red.pk if pk == "{red}" else pk for pk in value] if type(value) is list else value
        for name, value in asked.items()
    }
    answer = api(alice).post(SEARCHES, said, format="json")
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


@pytest.fixture
def by_picture(
    api: Any, alice: User, red: Image, picture: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Alice's saved search by a picture, asked by the API with a filter."""
    monkeypatch.setattr(queries, "PATIENCE_SECONDS", 0.0)
    asked = api(alice).post("/api/v1/search/", {"file": picture("#ff0505"), "tag": "sea"})
    return save(api(alice), query=asked.json()["id"])


def test_a_query_is_kept_with_its_filters(api: Any, alice: User, by_picture: Any) -> None:
    waiting = api(alice).get(by_picture["results_url"])
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
    assert api(alice).post(f"{SEARCHES}{by_picture['id']}/look/").status_code == 409
    embed_next_query()
    assert results(api(alice), by_picture) == [("far", False)]


def test_another_encoder_makes_nothing_new(
    api: Any, alice: User, by_picture: Any, other: Encoder, embed: Embed
) -> None:
    embed_next_query()
    check_longest_unchecked()
    embed(*Image.objects.all())
    other.activate()
    assert api(alice).get(by_picture["results_url"]).status_code == 202
    embed_next_query()
    answer = api(alice).get(by_picture["results_url"]).json()
    assert (answer["encoder"], answer["new_count"]) == ("other", 0)


def test_a_question_that_is_gone_is_told(api: Any, alice: User, saved: Any, red: Image) -> None:
    red.delete()
    answer = api(alice).get(saved["results_url"])
    assert answer.status_code == 409
    assert "is gone" in answer.json()["detail"]


def test_two_rankings_of_a_kept_query(
    api: Any, alice: User, charlie: User, by_picture: Any, other: Encoder, embed: Embed
) -> None:
    embed(*Image.objects.all())
    embed_next_query()
    address = f"/api/v1/search/{Query.objects.get().pk}/compare/?compare=other"
    assert api(alice).get(address).status_code == 202
    embed_next_query()
    answer = api(alice).get(address).json()
    assert (answer["first"], answer["shared"]) == (1, 1)
    assert [side["encoder"] for side in answer["sides"]] == ["tiny", "other"]
    assert api(charlie).get(address).status_code == 404


def test_the_number_of_queries_does_not_grow(
    api: Any,
    alice: User,
    saved: Any,
    red: Image,
    store: Store,
    embed: Embed,
    django_assert_num_queries: Any,
) -> None:
    client = api(alice)
    embed(*[store((200 + level, 0, 0)) for level in range(6)])
    check_longest_unchecked()
    # The searches, their albums, their images, which news may be seen.
    with django_assert_num_queries(4):
        client.get(SEARCHES)
    # The search; what is left of the examples, encoder, examples: seen, vectors; twice the index,
    # neighbours, images; when they came; what is shown of images and of what their cameras wrote,
    # and the active encoder.
    with django_assert_num_queries(18):
        client.get(saved["results_url"])

"""GET …/why/: what makes two pictures similar, for those who may see both."""

from pathlib import Path
from typing import Any

import pytest

from gallery.models import Image, User
from search import requesting
from search.asking import embed_next_query
from search.explaining import explain_next
from search.models import Explanation, Query


def why(client: Any, image: Image, result: Image, **query: Any) -> Any:
    return client.get(f"/api/v1/images/{image.pk}/similar/{result.pk}/why/", query)


def test_it_waits_then_adds_up_to_the_similarity(
    api: Any, alice: User, image: Image, near: Image
) -> None:
    waiting = why(api(alice), image, near)
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (202, "1")
    assert waiting.json() == {"encoder": "tiny", "state": "pending"}
    assert explain_next()
    found = why(api(alice), image, near).json()
    # (256, 1, 1) and (256, 145, 1), four times over: each quarter has a fourth of it.
    similarity = (256**2 + 145 + 1) / (256**2 + 2) ** 0.5 / (256**2 + 145**2 + 1) ** 0.5
    assert found["similarity"] == pytest.approx(similarity, abs=1e-3)
    assert found["total"] == pytest.approx(similarity, abs=1e-3)
    quarter = pytest.approx([similarity / 4] * 2, abs=1e-3)
    assert found["asked_map"] == found["result_map"] == [quarter, quarter]
    assert found["matches"][0][1][0] == pytest.approx([0, similarity / 4], abs=1e-3)


def test_the_distance_is_that_of_the_results(
    api: Any, alice: User, image: Image, near: Image
) -> None:
    why(api(alice), image, near)
    explain_next()
    (result,) = api(alice).get(f"/api/v1/images/{image.pk}/similar/").json()["results"]
    assert why(api(alice), image, near).json()["distance"] == pytest.approx(result["distance"])


def test_a_picture_that_was_sent_is_explained_to_its_asker(
    api: Any, alice: User, bob: User, near: Image, picture: Any
) -> None:
    asked = api(alice).post("/api/v1/search/", {"file": picture("#ff8000")})
    embed_next_query()
    address = f"/api/v1/search/{asked.json()['id']}/why/{near.pk}/"
    assert api(alice).get(address).status_code == 202
    assert explain_next()
    assert api(alice).get(address).json()["total"] == pytest.approx(0.999, abs=1e-3)
    near.shared_with.add(bob)
    assert api(bob).get(address).status_code == 404
    assert api().get(address).status_code == 401


def test_examples_are_no_picture_to_compare_with(
    api: Any, alice: User, image: Image, near: Image
) -> None:
    asked = api(alice).post("/api/v1/search/", {"positive": [image.pk]}, format="json")
    address = f"/api/v1/search/{asked.json()['id']}/why/{near.pk}/"
    assert api(alice).get(address).status_code == 404


def test_signed_out_people_get_no_more_than_their_share(
    api: Any, alice: User, image: Image, near: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.objects.update(visibility="public")
    monkeypatch.setattr(requesting, "MOST_FOR_VISITORS", 0)
    refused = why(api(), image, near)
    assert (refused.status_code, refused.json()["status"]) == (429, 429)
    assert why(api(alice), image, near).status_code == 202
    assert why(api(), image, near).status_code == 202


def test_both_pictures_must_be_seen(
    api: Any, bob: User, charlie: User, image: Image, near: Image
) -> None:
    for person in (bob, charlie, None):
        assert why(api(person), image, near).status_code == 404
        assert why(api(person), near, image).status_code == 404
    assert not Explanation.objects.exists()
    near.shared_with.add(bob)
    assert why(api(bob), image, near).status_code == 202


def test_what_is_known_already_is_hidden_from_who_may_no_longer_see_it(
    api: Any, alice: User, bob: User, image: Image, near: Image
) -> None:
    near.shared_with.add(bob)
    why(api(bob), image, near)
    explain_next()
    assert why(api(bob), image, near).status_code == 200
    near.shared_with.clear()
    assert why(api(bob), image, near).status_code == 404


def test_a_query_by_a_part_of_what_was_hidden_since_is_gone(
    api: Any, bob: User, image: Image, near: Image
) -> None:
    near.shared_with.add(bob)
    asked = {"positive": [image.pk], "crop": "0,0,0.5,1"}
    query = api(bob).post("/api/v1/search/", asked, format="json").json()["id"]
    address = f"/api/v1/search/{query}/why/{near.pk}/"
    assert api(bob).get(address).status_code == 202
    image.shared_with.clear()
    assert Query.objects.filter(pk=query).exists()
    assert api(bob).get(address).status_code == 404


def test_a_failure_says_why(api: Any, alice: User, image: Image, near: Image) -> None:
    Path(image.file.path).unlink()
    why(api(alice), image, near)
    explain_next()
    answer = why(api(alice), image, near)
    assert answer.status_code == 409
    assert "missing in storage" in answer.json()["detail"]


def test_an_encoder_that_is_unknown_is_named(
    api: Any, alice: User, image: Image, near: Image
) -> None:
    answer = why(api(alice), image, near, encoder="oracle")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["encoder"])

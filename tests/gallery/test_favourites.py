"""Favourites are each person's own; the rating is the owner's, for all to see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import Client

from gallery.models import Favourite, Image, User, Visibility

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def like(client: Any, image: Image, **data: Any) -> Any:
    return client.post(f"/images/{image.pk}/favourite/", {"favourite": "true", **data})


def test_each_person_has_their_own(sign_in: SignIn, alice: User, bob: User, image: Image) -> None:
    like(sign_in(bob), image)
    assert 'aria-pressed="true"' in sign_in(bob).get("/").content.decode()
    assert 'aria-pressed="true"' not in sign_in(alice).get("/").content.decode()
    assert list(Image.objects.favourites_of(bob)) == [image]


def test_it_can_be_said_twice_and_taken_back(sign_in: SignIn, bob: User, image: Image) -> None:
    client = sign_in(bob)
    for _ in range(2):
        assert like(client, image).headers["Location"] == f"/images/{image.pk}/"
    assert Favourite.objects.count() == 1
    like(client, image, favourite="false")
    assert not Favourite.objects.exists()


def test_it_leads_back_to_the_list_but_not_elsewhere(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    client = sign_in(alice)
    assert like(client, image, next="/?tag=a").headers["Location"] == "/?tag=a"
    evil = like(client, image, next="//evil.example/")
    assert evil.headers["Location"] == f"/images/{image.pk}/"


def test_a_heart_is_exchanged_in_place(sign_in: SignIn, alice: User, image: Image) -> None:
    client = sign_in(alice)
    address = f"/images/{image.pk}/favourite/"
    page = client.post(
        address, {"favourite": "true"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert page.lstrip().startswith("<button")
    assert 'aria-pressed="true"' in page


def test_a_stranger_marks_nothing(sign_in: SignIn, charlie: User, image: Image) -> None:
    assert like(sign_in(charlie), image).status_code == 404


def test_signed_out_people_have_none(client: Client, image: Image) -> None:
    Image.objects.update(visibility=Visibility.PUBLIC)
    assert 'class="favourite"' not in client.get("/").content.decode()
    assert list(client.get("/?favourites=on").context["images"]) == []


def test_what_may_not_be_seen_any_more_is_no_favourite(
    sign_in: SignIn, bob: User, image: Image
) -> None:
    client = sign_in(bob)
    like(client, image)
    image.shared_with.clear()
    assert list(client.get("/?favourites=on").context["images"]) == []


def test_lists_and_searches_show_only_them(
    sign_in: SignIn, alice: User, image: Image, store: Store, embed: Any
) -> None:
    near, far = store("orange"), store("blue")
    embed(image, near, far)
    client = sign_in(alice)
    like(client, far)
    page = client.get("/?favourites=on")
    assert (list(page.context["images"]), page.context["chips"][0].value) == ([far], "only")
    found = client.get(f"/images/{image.pk}/similar/?favourites=on").context["neighbours"]
    assert [one.image for one in found.results] == [far]
    assert found.images[0].is_favourite


def test_the_owner_rates(sign_in: SignIn, alice: User, image: Image, store: Store) -> None:
    client = sign_in(alice)
    client.post(f"/images/{image.pk}/rating/", {"rating": 4})
    assert "★ 4" in client.get("/").content.decode()
    store("blue")
    assert list(client.get("/?rating=4").context["images"]) == [image]
    assert list(client.get("/?rating=5").context["images"]) == []


@pytest.mark.parametrize(("person", "status"), [("bob", 404), ("charlie", 404)])
def test_nobody_else_rates(
    request: Any, sign_in: SignIn, image: Image, person: str, status: int
) -> None:
    client = sign_in(request.getfixturevalue(person))
    assert client.post(f"/images/{image.pk}/rating/", {"rating": 4}).status_code == status
    assert Image.objects.get().rating == 0


@pytest.mark.parametrize("rating", ["6", "-1", "x", ""])
def test_a_rating_that_is_none_changes_nothing(
    sign_in: SignIn, alice: User, image: Image, rating: str
) -> None:
    sign_in(alice).post(f"/images/{image.pk}/rating/", {"rating": rating})
    assert Image.objects.get().rating == 0


def test_the_database_refuses_six_stars(image: Image) -> None:
    with pytest.raises(IntegrityError):
        Image.objects.update(rating=6)


def test_the_api_tells_and_takes_both(api: Any, alice: User, bob: User, image: Image) -> None:
    address = f"/api/v1/images/{image.pk}/"
    assert api(bob).put(f"{address}favourite/").status_code == 204
    api(alice).patch(address, {"rating": 3}, format="json")
    told = {who: api(who).get(address).json() for who in (alice, bob)}
    assert [(one["favourite"], one["rating"]) for one in told.values()] == [(False, 3), (True, 3)]
    listed = api(bob).get("/api/v1/images/?favourites=true&rating=3").json()["results"]
    assert [one["id"] for one in listed] == [image.pk]
    assert api(bob).delete(f"{address}favourite/").status_code == 204
    assert not api(bob).get(address).json()["favourite"]


@pytest.mark.parametrize(("person", "status"), [("charlie", 404), (None, 401)])
def test_the_api_refuses_strangers(
    request: Any, api: Any, image: Image, person: str | None, status: int
) -> None:
    user = request.getfixturevalue(person) if person else None
    assert api(user).put(f"/api/v1/images/{image.pk}/favourite/").status_code == status

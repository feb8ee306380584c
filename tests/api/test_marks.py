"""…/mark/: what somebody says of a result."""

from collections.abc import Callable
from typing import Any

import pytest

from gallery.models import Image, User, Visibility
from search.models import RelevanceMark


@pytest.fixture
def near(store: Callable[..., Image]) -> Image:
    """Alice's alone."""
    return store("orange", title="Near")


def address(image: Image, result: Image) -> str:
    return f"/api/v1/images/{image.pk}/similar/{result.pk}/mark/"


def test_a_mark_is_made_changed_and_taken_back(
    api: Any, alice: User, image: Image, near: Image
) -> None:
    client = api(alice)
    assert client.get(address(image, near)).status_code == 404
    for right in (True, False):
        answer = client.put(address(image, near), {"right": right}, format="json")
        assert (answer.status_code, answer.json()["right"]) == (200, right)
    assert client.get(address(image, near)).json()["right"] is False
    assert client.delete(address(image, near)).status_code == 204
    assert client.delete(address(image, near)).status_code == 204
    assert not RelevanceMark.objects.exists()


@pytest.mark.parametrize("said", [{}, {"right": "perhaps"}, {"right": None}, [True]])
def test_what_says_nothing_is_refused(
    api: Any, alice: User, image: Image, near: Image, said: Any
) -> None:
    answer = api(alice).put(address(image, near), said, format="json")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_who_may_not_see_both_gets_404(
    api: Any, bob: User, charlie: User, image: Image, near: Image
) -> None:
    for person in (bob, charlie):
        for pair in ((image, near), (near, image), (image, image)):
            client = api(person)
            assert client.put(address(*pair), {"right": True}, format="json").status_code == 404
            assert client.get(address(*pair)).status_code == 404
            assert client.delete(address(*pair)).status_code == 404


def test_a_mark_is_its_makers(api: Any, alice: User, bob: User, image: Image, near: Image) -> None:
    near.shared_with.add(bob)
    api(alice).put(address(image, near), {"right": True}, format="json")
    assert api(bob).get(address(image, near)).status_code == 404
    api(bob).delete(address(image, near))
    assert RelevanceMark.objects.get().person == alice


def test_signed_out_people_are_asked_to_sign_in(api: Any, image: Image, near: Image) -> None:
    Image.objects.update(visibility=Visibility.PUBLIC)
    answer = api(None).put(address(image, near), {"right": True}, format="json")
    assert answer.status_code == 401

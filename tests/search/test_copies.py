"""Near-identical pictures on an image's own page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Image, User, Visibility
from search.models import DistanceScale, Encoder

SignIn = Callable[[User], Client]


@pytest.fixture
def copy(store: Any, image: Image, embed: Any, tiny: Encoder) -> Image:
    """A private picture of Alice's that looks as the red one does, beside a blue one."""
    copy: Image = store((254, 1, 0), title="Copy")
    embed(image, copy, store("blue", title="Blue"))
    DistanceScale.objects.create(encoder=tiny, quantiles=[0.2] * 101, images=500)
    return copy


def test_what_looks_the_same_is_shown(
    sign_in: SignIn, alice: User, image: Image, copy: Image
) -> None:
    page = sign_in(alice).get(f"/images/{image.pk}/copies/").content.decode()
    assert f'href="/images/{copy.pk}/"' in page
    assert "Blue" not in page


def test_what_is_not_theirs_to_see_is_not(
    sign_in: SignIn, bob: User, image: Image, copy: Image
) -> None:
    client = sign_in(bob)
    assert client.get(f"/images/{image.pk}/copies/").content.strip() == b""
    Image.objects.filter(pk=copy.pk).update(visibility=Visibility.MEMBERS)
    assert "Copy" in client.get(f"/images/{image.pk}/copies/").content.decode()


def test_strangers_get_404(sign_in: SignIn, charlie: User, image: Image) -> None:
    assert sign_in(charlie).get(f"/images/{image.pk}/copies/").status_code == 404


def test_nothing_is_claimed_before_it_is_known(
    sign_in: SignIn, alice: User, image: Image, copy: Image
) -> None:
    DistanceScale.objects.all().delete()
    assert sign_in(alice).get(f"/images/{image.pk}/copies/").content.strip() == b""


def test_an_image_without_a_vector_has_none(
    sign_in: SignIn, alice: User, copy: Image, store: Any
) -> None:
    assert sign_in(alice).get(f"/images/{store('grey').pk}/copies/").status_code == 200

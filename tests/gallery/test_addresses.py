"""Addresses made from patterns."""

from collections.abc import Iterator

import pytest
from django.urls import reverse, set_script_prefix

from gallery.addresses import address


@pytest.fixture
def below_a_path() -> Iterator[None]:
    set_script_prefix("/pictures 100%/")
    yield
    set_script_prefix("/")


ADDRESSES = [("gallery:image", 7), ("gallery:rendition", 7, "thumbnail"), ("search:why", 7, 8)]


@pytest.mark.parametrize(("name", "args"), [(name, args) for name, *args in ADDRESSES])
def test_they_are_those_that_django_makes(name: str, args: list[int | str]) -> None:
    assert address(name, *args) == reverse(name, args=args)
    assert address(name, *args) == reverse(name, args=args)


def test_a_site_may_lie_below_a_path(below_a_path: None) -> None:
    assert address("gallery:image", 7) == reverse("gallery:image", args=[7])

"""What of an image can be searched: kept by the database, whoever changes it."""

from collections.abc import Callable

import pytest

from gallery.labels import set_tags
from gallery.models import Image, ImageText, Tag
from gallery.orders import ORDERS

Store = Callable[..., Image]


@pytest.fixture
def harbour(store: Store) -> Image:
    return store("red", title="Harbour at Dawn", tags=["Boats"])


def found(text: str) -> list[Image]:
    return list(Image.objects.saying(text))


@pytest.mark.parametrize(
    "text", ["harbour", "HARB", "dawn boat", "photo", "photo png", "hárboür", "  boats, dawn "]
)
def test_title_tags_and_file_name_are_searched_by_beginnings(harbour: Image, text: str) -> None:
    assert found(text) == [harbour]


@pytest.mark.parametrize("text", ["arbour", "harbour dusk", "!", "' | x:*", "\0"])
def test_what_is_not_said_is_not_found(harbour: Image, text: str) -> None:
    assert found(text) == []


def test_accents_are_no_obstacle(store: Store) -> None:
    image = store("red", title="Crème brûlée")
    assert found("creme") == found("brûl") == [image]


def test_what_is_changed_is_found_by_its_new_words(harbour: Image) -> None:
    Image.objects.filter(pk=harbour.pk).update(title="Pier", description="With a lighthouse")
    assert found("harbour") == []
    assert found("pier lighthouse") == [harbour]


def test_tags_are_found_when_given_renamed_and_taken(harbour: Image) -> None:
    set_tags(harbour, ["ships"])
    assert (found("boats"), found("ships")) == ([], [harbour])
    Tag.objects.filter(name="ships").update(name="vessels")
    assert (found("ships"), found("vessels")) == ([], [harbour])


def test_the_words_go_with_the_image(harbour: Image) -> None:
    harbour.delete()
    assert not ImageText.objects.exists()


def test_a_title_counts_more_than_a_file_name(store: Store) -> None:
    store("red", title="Something")
    named = store("blue", title="Photo")
    assert ORDERS["relevant"].sort(Image.objects.saying("photo")).first() == named

"""The labels people gave are classes: of what is theirs to see, and in parts that stay apart."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from gallery.models import Album, Image, User, Visibility
from search.labels import LabelledImages, LabelSource, TooFewLabels, labelled_images
from search.models import Embedding, Encoder
from search.splitting import Part

Store = Callable[..., Image]


@pytest.fixture
def animals(store: Store) -> list[Image]:
    """Alice's: three cats, three dogs the last of which is a cat too, one horse."""
    labels = ["cat", "cat", "cat", "dog", "dog", ["dog", "cat"], "horse"]
    return [
        store((number, 0, 0), tags=[names] if isinstance(names, str) else names)
        for number, names in enumerate(labels)
    ]


def tagged(user: Any = None, at_least: int = 2) -> LabelledImages:
    return labelled_images(LabelSource.TAGS, user, at_least)


def in_albums(user: Any = None, at_least: int = 2) -> LabelledImages:
    return labelled_images(LabelSource.ALBUMS, user, at_least)


def test_tags_with_images_enough_are_classes(animals: list[Image]) -> None:
    found = tagged()
    assert found.classes == ["cat", "dog"]
    assert found.keys == [image.pk for image in animals[:6]]
    assert found.digests == [image.sha256 for image in animals[:6]]
    assert found.members.astype(int).tolist() == [[1, 0]] * 3 + [[0, 1]] * 2 + [[1, 1]]
    assert found.strata == [0, 0, 0, 1, 1, 1]


def test_tags_of_one_name_are_one_class_whoever_wrote_them(
    animals: list[Image], store: Store, bob: User
) -> None:
    store("blue", owner=bob, tags=["Cat"], visibility=Visibility.PUBLIC)
    found = tagged()
    assert found.classes == ["Cat", "dog"]
    assert found.members.sum(axis=0).tolist() == [5, 3]


def test_albums_are_classes(store: Store) -> None:
    for number in range(4):
        store((number, 0, 0), album="sea" if number < 2 else "hills")
    assert in_albums().classes == ["hills", "sea"]
    assert in_albums().members.astype(int).tolist() == [[0, 1]] * 2 + [[1, 0]] * 2


def test_nobody_learns_from_what_they_may_not_see(
    animals: list[Image], alice: User, bob: User, charlie: User
) -> None:
    for image in [*animals[:2], *animals[3:5]]:
        image.shared_with.add(bob)
    assert len(tagged(alice)) == 6
    assert tagged(bob).keys == [animals[index].pk for index in (0, 1, 3, 4)]
    for stranger in (charlie, AnonymousUser()):
        with pytest.raises(TooFewLabels, match=r"may see are needed; there are none with any\.$"):
            tagged(stranger)


def test_a_private_album_of_public_images_is_no_class(
    store: Store, alice: User, charlie: User
) -> None:
    for number in range(4):
        album = "sea" if number < 2 else "hills"
        store((number, 0, 0), album=album, visibility=Visibility.PUBLIC)
    assert len(in_albums(alice)) == 4
    with pytest.raises(TooFewLabels, match="none with any"):
        in_albums(charlie)
    Album.objects.update(visibility=Visibility.PUBLIC)
    assert len(in_albums(charlie)) == 4


def test_a_public_album_shows_nothing_of_private_images(store: Store, charlie: User) -> None:
    for number in range(4):
        store((number, 0, 0), album="sea" if number < 2 else "hills")
    Album.objects.update(visibility=Visibility.PUBLIC)
    with pytest.raises(TooFewLabels, match="none with any"):
        in_albums(charlie)


@pytest.mark.parametrize(
    ("at_least", "said"),
    [
        (4, r"At least two tags with 4 or more images each are needed. Of 3 the largest: "),
        (9, r"cat \(4\), dog \(3\), horse \(1\)\."),
    ],
)
def test_too_few_labels_are_named(animals: list[Image], at_least: int, said: str) -> None:
    with pytest.raises(TooFewLabels, match=said):
        tagged(at_least=at_least)


def test_how_many_labels_there_are_does_not_matter_to_the_database(
    animals: list[Image], alice: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        tagged(alice)


@pytest.fixture
def reference(settings: Any, db: None) -> Encoder:
    """The encoder that tells copies, of two numbers."""
    settings.DEFAULT_ENCODER = "two"
    return Encoder.objects.create(name="two", digest="2" * 64, dimensions=2)


@pytest.fixture
def place(store: Store, reference: Encoder) -> Callable[..., Image]:
    """Store a cat or a dog whose vector is the given one."""

    def make(vector: list[float] | None, tag: str, owner: User | None = None) -> Image:
        image = store((Image.objects.count(), 0, 0), owner=owner, tags=[tag])
        if vector:
            state = {"vector": vector, "state": "ready"}
            Embedding.objects.create(image=image, encoder=reference, **state)
        return image

    return make


def test_vectors_are_those_of_the_encoder_that_is_asked_for(
    place: Callable[..., Image], reference: Encoder, tiny: Encoder
) -> None:
    for vector, tag in [([0.0, 1.0], "cat"), (None, "cat"), ([1.0, 0.0], "dog"), (None, "dog")]:
        place(vector, tag)
    has, vectors = tagged().vectors(reference)
    assert has.tolist() == [True, False, True, False]
    assert vectors.tolist() == [[0, 1], [1, 0]]
    has, vectors = tagged().vectors(tiny)
    assert not has.any()
    assert len(vectors) == 0


def test_near_identical_images_are_in_one_part(place: Callable[..., Image]) -> None:
    for number in range(40):
        # Pairs, a hundredth apart, of pictures that are one apart.
        place([number // 2 + 0.01 * (number % 2), 0.0], "cat" if number < 20 else "dog")
    for seed in range(3):
        parts = tagged().parts(seed)
        assert parts[::2] == parts[1::2]
        assert Counter(parts) == {Part.TRAIN: 24, Part.VALIDATION: 8, Part.TEST: 8}


def test_the_same_bytes_of_two_people_are_in_one_part(
    store: Store, bob: User, reference: Encoder
) -> None:
    for number in range(12):
        for owner in (None, bob):
            store((number, 0, 0), owner=owner, tags=["cat" if number < 6 else "dog"])
    parts = tagged().parts(0)
    assert parts[::2] == parts[1::2]
    assert set(parts) == set(Part)


def test_the_parts_are_the_same_each_time(place: Callable[..., Image]) -> None:
    for number in range(20):
        place([float(number), 0.0], "cat" if number < 10 else "dog")
    assert tagged().parts(7) == tagged().parts(7)
    assert tagged().parts(7) != tagged().parts(8)

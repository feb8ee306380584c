"""Who sees which images, albums and tags: for everybody, in every way to be given access."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser

from gallery.labels import add_to_album, label_image
from gallery.models import Album, Image, Tag, User, Visibility
from gallery.models.images import Person

Store = Callable[..., Image]
NOBODY = AnonymousUser()


def sees(user: Person, image: Image) -> bool:
    return Image.objects.visible_to(user).filter(pk=image.pk).exists()


@pytest.fixture
def private(store: Store) -> Image:
    return store("red")


def test_a_private_image_is_its_owners(
    private: Image, alice: User, bob: User, charlie: User
) -> None:
    assert sees(alice, private)
    assert not any(sees(user, private) for user in (bob, charlie, NOBODY))


def test_an_image_for_members_is_for_the_signed_in(store: Store, charlie: User) -> None:
    image = store("red", visibility=Visibility.MEMBERS)
    assert sees(charlie, image)
    assert not sees(NOBODY, image)


def test_a_public_image_is_everybodys(store: Store, charlie: User) -> None:
    image = store("red", visibility=Visibility.PUBLIC)
    assert sees(charlie, image)
    assert sees(NOBODY, image)


def test_a_shared_image_is_seen_by_whom_it_is_shared_with(
    private: Image, bob: User, charlie: User
) -> None:
    private.shared_with.add(bob)
    assert sees(bob, private)
    assert not sees(charlie, private)
    assert not sees(NOBODY, private)


def test_a_shared_album_shares_its_images(
    private: Image, store: Store, alice: User, bob: User, charlie: User
) -> None:
    album = Album.objects.create(owner=alice, title="Walls")
    add_to_album(private, album)
    album.shared_with.add(bob)
    assert sees(bob, private)
    assert not sees(charlie, private)
    assert not sees(bob, store("blue"))


def test_nobody_shares_anothers_image_through_an_album_of_their_own(
    private: Image, bob: User, charlie: User
) -> None:
    album = Album.objects.create(owner=charlie, title="Trap")
    add_to_album(private, album)
    album.shared_with.add(bob, charlie)
    assert not sees(bob, private)
    assert not sees(charlie, private)


def test_a_public_album_makes_no_image_public(private: Image, alice: User, charlie: User) -> None:
    album = Album.objects.create(owner=alice, title="Walls", visibility=Visibility.PUBLIC)
    add_to_album(private, album)
    assert not sees(charlie, private)
    assert not sees(NOBODY, private)


def test_an_image_shared_twice_is_found_once(private: Image, alice: User, bob: User) -> None:
    private.shared_with.add(bob)
    for title in ("Walls", "Reds"):
        album = Album.objects.create(owner=alice, title=title)
        add_to_album(private, album)
        album.shared_with.add(bob)
    assert list(Image.objects.visible_to(bob)) == [private]


def test_only_its_owner_edits_an_image(private: Image, alice: User, bob: User) -> None:
    private.shared_with.add(bob)
    assert list(Image.objects.editable_by(alice)) == [private]
    assert not Image.objects.editable_by(bob).exists()
    assert not Image.objects.editable_by(NOBODY).exists()


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        (Visibility.PRIVATE, {"alice": True, "bob": True, "charlie": False, "": False}),
        (Visibility.MEMBERS, {"alice": True, "bob": True, "charlie": True, "": False}),
        (Visibility.PUBLIC, {"alice": True, "bob": True, "charlie": True, "": True}),
    ],
)
def test_an_album_is_seen_by(
    visibility: str, expected: dict[str, bool], alice: User, bob: User, charlie: User
) -> None:
    album = Album.objects.create(owner=alice, title="Walls", visibility=visibility)
    album.shared_with.add(bob)
    people: list[Person] = [alice, bob, charlie, NOBODY]
    seen = {user.username: Album.objects.visible_to(user).exists() for user in people}
    assert seen == expected


def test_a_tag_is_seen_on_images_one_may_see(
    private: Image, alice: User, bob: User, charlie: User
) -> None:
    label_image(private, tags=["secret"])
    Tag.objects.create(owner=charlie, name="unused")
    private.shared_with.add(bob)
    people: list[Person] = [alice, bob, charlie, NOBODY]
    seen = {user.username: [str(tag) for tag in Tag.objects.visible_to(user)] for user in people}
    assert seen == {"alice": ["secret"], "bob": ["secret"], "charlie": ["unused"], "": []}


def test_sharing_that_ends_hides_again(private: Image, bob: User) -> None:
    private.shared_with.add(bob)
    private.shared_with.remove(bob)
    assert not sees(bob, private)

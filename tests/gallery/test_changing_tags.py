"""Tags below others; renaming one's own, merging two, deleting, and undoing each."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import BulkChange, Image, SmartAlbum, Tag, User
from gallery.tag_tree import flat, tag_tree

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def animals(store: Store) -> list[Image]:
    """A cat, a dog, both at once, and an animal of no kind."""
    tags = [["animal/cat"], ["animal/dog"], ["Animal/Cat", "animal/dog"], ["animal", "old"]]
    return [
        store((level * 50, 0, 0), title=str(level), tags=names) for level, names in enumerate(tags)
    ]


def tree(user: User) -> dict[str, int]:
    return {node.name: node.count for node in flat(tag_tree(user))}


def state() -> set[tuple[str, str]]:
    return set(Image.objects.values_list("title", "tags__name"))


def change(client: Client, name: str, action: str, new: str = "") -> str:
    said = {"action": action, "new_name": new}
    return client.post(f"/tags/change/?name={name}", said, follow=True).text


def undo(client: Client) -> None:
    last = BulkChange.objects.latest("pk")
    assert "It is undone." in client.post(f"/undo/{last.pk}/", follow=True).text


def test_a_tag_is_found_with_all_below_it(animals: list[Image], store: Store) -> None:
    store("white", title="none", tags=["animals", "anima"])
    found = {image.title for image in Image.objects.tagged("Animal")}
    assert found == {"0", "1", "2", "3"}
    assert {image.title for image in Image.objects.tagged("animal/cat")} == {"0", "2"}
    assert not Image.objects.tagged("animal_cat").exists()


def test_names_are_tidied(store: Store) -> None:
    image = store("red", tags=[" animal / cat ", "/a//b/", "a/b", "/"])
    assert list(image.tags.values_list("name", flat=True)) == ["a/b", "animal/cat"]


def test_a_count_includes_those_below_each_image_once(
    animals: list[Image], alice: User, charlie: User
) -> None:
    assert tree(alice) == {"animal": 4, "animal/cat": 2, "animal/dog": 2, "old": 1}
    assert tree(charlie) == {}
    Image.objects.filter(pk=animals[0].pk).update(visibility="members")
    assert tree(charlie) == {"animal": 1, "animal/cat": 1}


def test_the_page_shows_the_tree(
    sign_in: SignIn,
    alice: User,
    charlie: User,
    animals: list[Image],
    django_assert_num_queries: Any,
) -> None:
    client = sign_in(alice)
    # Session, user, tags, counts of those above others.
    with django_assert_num_queries(4):
        page = client.get("/tags/").text
    assert 'href="/?tag=animal%2Fcat">cat <span class="count">2' in page
    assert 'href="/tags/change/?name=animal%2Fcat"' in page
    Image.objects.update(visibility="members")
    assert "/tags/change/" not in sign_in(charlie).get("/tags/").text


def test_a_tag_is_renamed_with_those_below_it_and_that_undone(
    sign_in: SignIn, alice: User, animals: list[Image]
) -> None:
    client, before = sign_in(alice), state()
    page = change(client, "animal", "rename", "beast / wild")
    assert "“animal” is called “beast/wild” now." in page
    assert tree(alice)["beast"] == 4
    assert set(tree(alice)) >= {"beast/wild/cat", "beast/wild/dog"}
    assert "2 tags of yours are below it" in client.get("/tags/change/?name=beast/wild").text
    undo(client)
    assert state() == before


@pytest.mark.parametrize(
    ("name", "new"), [("animal/cat", "animal"), ("old", "new"), ("old", "OLD"), ("animal", "old")]
)
def test_what_is_done_to_a_tag_is_undone(
    sign_in: SignIn, alice: User, animals: list[Image], store: Store, name: str, new: str
) -> None:
    store("white", title="4", tags=["animal/cat/wild", "animal/wild", "animal/cat/cat"])
    client, before = sign_in(alice), state()
    change(client, name, "merge", new)
    change(client, name, "rename", new)
    assert state() != before
    undo(client)
    assert state() == before


def test_a_name_that_is_taken_is_refused_and_can_be_merged_into(
    sign_in: SignIn, alice: User, animals: list[Image]
) -> None:
    client = sign_in(alice)
    assert "You can merge the two." in change(client, "animal/cat", "rename", "Animal/Dog")
    page = change(client, "animal/cat", "merge", "animal/dog")
    assert "“animal/cat” is merged into “animal/dog”." in page
    assert tree(alice) == {"animal": 4, "animal/dog": 3, "old": 1}
    assert animals[2].tags.count() == 1
    assert "You have no other tag of this name." in change(client, "old", "merge", "nothing")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("", "Say one name"),
        (" / ", "Say one name"),
        ("a, b", "Say one name"),
        ("animal/x", "below itself"),
        ("x" * 98, "too long"),
    ],
)
def test_what_is_no_new_name(
    sign_in: SignIn, alice: User, animals: list[Image], new: str, said: str
) -> None:
    before = state()
    page = change(sign_in(alice), "animal", "rename", new)
    assert said in page.replace("&#x27;", "’")
    assert state() == before


def test_a_tag_is_deleted_with_those_below_it_and_that_undone(
    sign_in: SignIn, alice: User, animals: list[Image]
) -> None:
    client, before = sign_in(alice), state()
    assert "“animal” is deleted; its pictures stay." in change(client, "animal", "delete")
    assert tree(alice) == {"old": 1}
    assert Image.objects.count() == 4
    undo(client)
    assert state() == before


def test_a_smart_album_goes_on_asking_for_it(
    sign_in: SignIn, alice: User, animals: list[Image]
) -> None:
    smart = SmartAlbum.objects.create(owner=alice, title="Cats", filters={"tag": "Animal/cat"})
    client = sign_in(alice)
    change(client, "animal", "rename", "beast")
    smart.refresh_from_db()
    assert smart.filters == {"tag": "beast/cat"}
    undo(client)
    smart.refresh_from_db()
    assert smart.filters == {"tag": "Animal/cat"}


def test_others_tags_stay(sign_in: SignIn, alice: User, bob: User, store: Store) -> None:
    store("red", tags=["animal"])
    store("blue", owner=bob, tags=["animal"])
    change(sign_in(alice), "animal", "rename", "beast")
    assert list(Tag.objects.filter(owner=bob).values_list("name", flat=True)) == ["animal"]


def test_nobody_changes_another_s(
    sign_in: SignIn, bob: User, charlie: User, animals: list[Image]
) -> None:
    animals[0].shared_with.add(bob)
    before = state()
    for user in (bob, charlie):
        client = sign_in(user)
        assert client.get("/tags/change/?name=animal").status_code == 404
        for action in ("rename", "merge", "delete"):
            answer = client.post("/tags/change/?name=animal", {"action": action, "new_name": "x"})
            assert answer.status_code == 404
        assert client.get("/tags/change/").status_code == 404
    assert state() == before

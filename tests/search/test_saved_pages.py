"""Saved searches at /searches/: kept, listed, looked at, renamed, deleted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db.models.functions import Now
from django.test import Client

from gallery.models import Album, Image, StrayFile, User
from gallery.rendering import render_next
from gallery.tasks import delete_stray_files
from search.asking import embed_next_query, sweep_queries
from search.models import Encoder, Query, SavedSearch
from search.news import check_longest_unchecked
from tests.conftest import Picture

SignIn = Callable[[User], Client]
Store = Callable[..., Image]
Embed = Callable[..., None]
JPEG = b"\xff\xd8"


def save(client: Client, name: str = "Reddish", **asked: Any) -> str:
    """Save a search; gives its address."""
    response = client.post("/searches/save/", {"name": name, **asked})
    assert response.status_code == 302, response.content.decode()
    return str(response.headers["Location"])


@pytest.fixture
def saved(sign_in: SignIn, alice: User, red: Image) -> str:
    """The address of Alice's search for what is like the red one, which she looked at."""
    client = sign_in(alice)
    address = save(client, positive=red.pk, owner="alice")
    client.get(address)
    return address


def titles(found: Any) -> list[str]:
    return [one.image.title for one in found]


def expire_queries() -> None:
    Query.objects.update(created_at=Now() - timedelta(hours=25))
    sweep_queries()
    StrayFile.objects.update(delete_after=Now() - timedelta(seconds=1))
    delete_stray_files()


def test_the_pages_with_results_offer_it(sign_in: SignIn, alice: User, red: Image) -> None:
    page = sign_in(alice).get(f"/images/{red.pk}/similar/?tag=sea").content.decode()
    assert 'action="/searches/save/"' in page
    assert f'<input type="hidden" name="positive" value="{red.pk}">' in page


def test_it_is_listed_with_its_filters(client: Client, saved: str) -> None:
    page = client.get("/searches/").content.decode()
    assert f'href="{saved}"' in page
    assert "like “red”" in page
    assert '<span class="chip-label">Owner</span> alice' in page


def test_what_is_new_comes_first_and_is_counted_until_it_was_looked_at(
    client: Client, saved: str, store: Store, embed: Embed
) -> None:
    embed(store("#fe0000", title="fresh"))
    check_longest_unchecked()
    assert "1 new" in client.get("/searches/").content.decode()
    assert ">1<span" in client.get("/searches/news/").content.decode()
    page = client.get(saved)
    assert titles(page.context["new"]) == ["fresh"]
    assert titles(page.context["neighbours"].results) == ["near", "far"]
    assert "1 new" not in client.get("/searches/").content.decode()
    assert "badge" not in client.get("/searches/news/").content.decode()


def test_it_stays_marked_for_those_who_come_back_and_not_for_ever(
    client: Client, saved: str, store: Store, embed: Embed
) -> None:
    embed(store("#fe0000", title="fresh"))
    client.get(saved)
    assert titles(client.get(saved).context["new"]) == ["fresh"]
    SavedSearch.objects.update(looked_at=Now() - timedelta(hours=2))
    page = client.get(saved)
    assert titles(page.context["new"]) == []
    assert titles(page.context["neighbours"].results) == ["fresh", "near", "far"]


def test_the_rest_goes_on_page_by_page(
    sign_in: SignIn, alice: User, red: Image, store: Store, embed: Embed
) -> None:
    client = sign_in(alice)
    address = save(client, positive=red.pk, limit=1)
    client.get(address)
    embed(store("#fe0000", title="fresh"))
    first = client.get(address)
    assert titles(first.context["new"]) == ["fresh"]
    second = client.get(address, {"place": first.context["neighbours"].following})
    assert titles(second.context["neighbours"].results) == ["far"]


def test_a_private_image_is_neither_shown_nor_counted(
    sign_in: SignIn, bob: User, red: Image, store: Store, embed: Embed
) -> None:
    client = sign_in(bob)
    address = save(client, positive=red.pk)
    client.get(address)
    hidden = store("#fe0000", title="Secret")
    embed(hidden)
    check_longest_unchecked()
    assert titles(client.get(address).context["new"]) == []
    SavedSearch.objects.update(news=[hidden.pk])
    assert "1 new" not in client.get("/searches/").content.decode()
    assert "badge" not in client.get("/searches/news/").content.decode()
    assert "Secret" not in client.get(address).content.decode()


def test_others_get_404(sign_in: SignIn, saved: str, bob: User, charlie: User) -> None:
    for person in (bob, charlie):
        client = sign_in(person)
        assert saved not in client.get("/searches/").content.decode()
        for address in (saved, f"{saved}rename/", f"{saved}delete/", f"{saved}picture.jpg"):
            assert client.get(address).status_code == 404
        assert client.post(f"{saved}delete/").status_code == 404
    assert SavedSearch.objects.exists()


def test_signed_out_people_sign_in_first(saved: str) -> None:
    for address in ("/searches/", saved, f"{saved}rename/", f"{saved}delete/"):
        assert "/sign-in/?next=" in Client().get(address).headers["Location"]
    assert "badge" not in Client().get("/searches/news/").content.decode()


def test_rename_and_delete(client: Client, saved: str) -> None:
    client.post(f"{saved}rename/", {"name": "Walls"})
    assert "Walls" in client.get("/searches/").content.decode()
    assert "No picture of the gallery is touched" in client.get(f"{saved}delete/").content.decode()
    page = client.post(f"{saved}delete/", follow=True)
    assert "“Walls” is deleted." in page.content.decode()
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "Reddish", "positive": "{red}"}, "of that name already"),
        ({"name": "", "positive": "{red}"}, "required"),
        ({"name": "Nothing"}, "Choose at least one picture"),
        ({"name": "Far", "positive": "{red}", "max_distance": "far"}, "Enter a number"),
        ({"name": "Gone", "query": "5e0bfa2c-3d34-4c0e-9a52-2f3b4d0a9a11"}, "is gone"),
        ({"name": "Album", "for_album": "999"}, "no such album"),
    ],
)
def test_what_makes_no_sense_is_told(
    client: Client, saved: str, red: Image, asked: dict[str, str], said: str
) -> None:
    said_with = {name: text.format(red=red.pk) for name, text in asked.items()}
    page = client.post("/searches/save/", said_with)
    assert page.status_code == 400
    assert said in page.content.decode()
    assert SavedSearch.objects.count() == 1


def test_a_deleted_example_is_told_and_the_others_answer(
    sign_in: SignIn, alice: User, red: Image
) -> None:
    client = sign_in(alice)
    near = Image.objects.get(title="near")
    address = save(client, positive=f"{red.pk},{near.pk}")
    near.delete()
    page = client.get(address)
    assert "One of the pictures it asks with is gone" in page.content.decode()
    assert titles(page.context["neighbours"].results) == ["far"]


def test_when_nothing_is_left_to_ask_with_it_says_so(
    sign_in: SignIn, bob: User, red: Image
) -> None:
    client = sign_in(bob)
    address = save(client, positive=red.pk)
    red.shared_with.clear()
    assert "you may not see it any more" in client.get(address).content.decode()
    page = client.get("/searches/").content.decode()
    assert "what it asks with is gone" in page
    assert "“red”" not in page


def test_an_album_that_is_gone(sign_in: SignIn, alice: User, red: Image) -> None:
    album = Album.objects.create(owner=alice, title="Warm")
    album.images.add(red)
    client = sign_in(alice)
    address = save(client, for_album=album.pk)
    assert titles(client.get(address).context["neighbours"].results) == ["near", "far"]
    assert "the album “Warm”" in client.get("/searches/").content.decode()
    album.delete()
    assert "no such album" in client.get(address).content.decode()
    assert "what it asks with is gone" in client.get("/searches/").content.decode()


@pytest.fixture
def by_picture(sign_in: SignIn, alice: User, red: Image, picture: Picture) -> str:
    """The address of Alice's saved search by the right half of a reddish picture."""
    client = sign_in(alice)
    half = {"left": "50", "top": "0", "width": "50", "height": "100"}
    client.post("/search/", {"file": picture("#ff0505"), **half})
    embed_next_query()
    return save(client, query=Query.objects.get().pk, tag="sea")


def test_a_picture_is_kept_for_its_saved_search_and_goes_with_it(
    client: Client, by_picture: str
) -> None:
    name = Query.objects.get().file_name
    expire_queries()
    page = client.get(by_picture)
    assert titles(page.context["neighbours"].results) == ["far"]
    assert "a part of your picture" in page.content.decode()
    assert client.get(f"{by_picture}picture.jpg").getvalue().startswith(JPEG)
    client.post(f"{by_picture}delete/")
    delete_stray_files()
    assert not Query.objects.exists()
    assert not default_storage.exists(name)


def test_its_cover_is_the_part_it_asks_with(client: Client, by_picture: str) -> None:
    for address in ("/searches/", by_picture):
        page = client.get(address).text
        assert 'class="cover" viewBox="32.0 0.0 32.0 48.0"' in page
        assert f'<image href="{by_picture}picture.jpg" width="64" height="48"' in page
    default_storage.delete(Query.objects.get().file_name)
    assert client.get("/searches/").status_code == 200


def test_the_cover_of_a_part_of_a_stored_image_is_that_part(
    sign_in: SignIn, bob: User, red: Image
) -> None:
    client = sign_in(bob)
    half = {"image": red.pk, "left": "0", "top": "50", "width": "100", "height": "50"}
    client.post("/search/", half)
    save(client, query=Query.objects.get().pk)
    assert '<svg class="cover"' not in client.get("/searches/").text
    while render_next():
        pass
    page = client.get("/searches/").text
    assert 'class="cover" viewBox="0.0 24.0 64.0 24.0"' in page
    assert f'<image href="/images/{red.pk}/preview.jpg"' in page
    red.shared_with.remove(bob)
    assert "preview.jpg" not in client.get("/searches/").text


def test_it_goes_with_its_owner_too(client: Client, by_picture: str, alice: User) -> None:
    name = Query.objects.get().file_name
    Image.objects.all().delete()
    alice.delete()
    delete_stray_files()
    assert not default_storage.exists(name)


def test_another_search_with_the_picture_keeps_it(client: Client, by_picture: str) -> None:
    query = Query.objects.get()
    other = save(client, "Again", query=query.pk)
    client.post(f"{by_picture}delete/")
    client.post("/search/", {"query": query.pk, "left": "0", "width": "50", "height": "100"})
    expire_queries()
    assert default_storage.exists(query.file_name)
    assert client.get(other).context["neighbours"].is_answer


def test_forgetting_the_search_it_came_from_leaves_it(client: Client, by_picture: str) -> None:
    page = client.post(f"/search/{Query.objects.get().pk}/forget/", follow=True)
    assert "so it is kept" in page.content.decode()
    delete_stray_files()
    assert client.get(f"{by_picture}picture.jpg").getvalue().startswith(JPEG)


def test_another_encoder_is_asked_with_the_picture(
    client: Client, by_picture: str, other: Encoder, embed: Embed
) -> None:
    embed(*Image.objects.all())
    other.activate()
    waiting = client.get(by_picture).content.decode()
    assert f'hx-get="{by_picture}" hx-trigger="every 1s"' in waiting
    embed_next_query()
    page = client.get(by_picture)
    assert page.context["neighbours"].encoder == other
    assert titles(page.context["neighbours"].results) == ["far"]
    assert not page.context["new"]


def test_what_failed_is_asked_anew_after_a_day(client: Client, by_picture: str) -> None:
    Query.objects.all().fail("Too large.", vector=None)
    assert "Too large." in client.get(by_picture).text
    expire_queries()
    assert "every 1s" in client.get(by_picture).text
    embed_next_query()
    assert client.get(by_picture).context["neighbours"].is_answer


def test_a_part_of_a_stored_image_that_is_deleted(sign_in: SignIn, alice: User, red: Image) -> None:
    client = sign_in(alice)
    client.post("/search/", {"image": red.pk, "width": "50", "height": "100"})
    embed_next_query()
    address = save(client, query=Query.objects.get().pk)
    assert "a part of “red”" in client.get(address).content.decode()
    red.delete()
    assert "whose part it asks with is gone" in client.get(address).content.decode()


def test_a_search_by_examples_of_a_script_is_kept_as_examples(
    sign_in: SignIn, api: Any, alice: User, red: Image
) -> None:
    far = Image.objects.get(title="far").pk
    asked = {"positive": [red.pk], "negative": [far]}
    query = api(alice).post("/api/v1/search/", asked, format="json").json()["id"]
    save(sign_in(alice), query=query)
    assert SavedSearch.objects.get().asked == {"positive": str(red.pk), "negative": str(far)}


def test_the_numbers_of_queries_do_not_grow(
    client: Client,
    saved: str,
    red: Image,
    store: Store,
    embed: Embed,
    django_assert_num_queries: Any,
) -> None:
    for number in range(3):
        save(client, f"Another {number}", positive=red.pk)
    embed(*[store((240 + level, 0, 0)) for level in range(6)])
    check_longest_unchecked()
    # Session, user, the searches, their albums, their images, which news may be seen.
    with django_assert_num_queries(6):
        client.get("/searches/")
    # Session, user, what is new.
    with django_assert_num_queries(3):
        client.get("/searches/news/")
    # Session, user, the search, its album, images and news; what is left of the examples, encoder,
    # examples: seen, vectors; the index, neighbours, images, when they came, the look; and for the
    # rest once more the index, neighbours, images; and which are favourites.
    with django_assert_num_queries(19):
        client.get(saved)

"""Several images at once and some to avoid, at /search/?positive=…&negative=…"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.ingest import Labels, store_image
from gallery.models import Album, Image, User
from search.models import Embedding, Query

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


@pytest.fixture
def colours(store: Store, embed: Callable[..., None]) -> dict[str, Image]:
    images = [
        store("red", title="red", album="Warm"),
        store("#ff9000", title="amber", album="Warm"),
        store("blue", title="blue"),
        store("#ff2020", title="rose"),
    ]
    embed(*images)
    return {image.title: image for image in images}


def titles(client: Client, query: str) -> list[str]:
    page = client.get(f"/search/{query}")
    assert page.status_code == 200, page.content.decode()
    return [found.image.title for found in page.context["neighbours"].results]


def test_more_like_two_and_less_like_a_third(
    sign_in: SignIn, alice: User, colours: dict[str, Image]
) -> None:
    red, amber, blue = (colours[name].pk for name in ("red", "amber", "blue"))
    assert titles(sign_in(alice), f"?positive={red},{amber}&negative={blue}") == ["rose"]
    assert titles(sign_in(alice), f"?positive={blue}") == ["rose", "amber", "red"]
    assert not Query.objects.exists()


def test_an_example_is_shown_with_the_way_to_take_it_away(
    sign_in: SignIn, alice: User, colours: dict[str, Image]
) -> None:
    red, blue = colours["red"].pk, colours["blue"].pk
    page = sign_in(alice).get(f"/search/?positive={red}&negative={blue}").content.decode()
    assert f'href="?positive={red}"' in page
    assert "Less like blue" in page


def test_the_similar_page_leads_on(sign_in: SignIn, alice: User, colours: dict[str, Image]) -> None:
    page = sign_in(alice).get(f"/images/{colours['red'].pk}/similar/?owner=alice").content.decode()
    assert f'<input type="hidden" name="positive" value="{colours["red"].pk}">' in page
    assert '<input type="hidden" name="owner" value="alice">' in page
    assert f'name="negative" value="{colours["blue"].pk}" form="refine"' in page


def test_signed_out_people_are_offered_no_ticks(client: Client, colours: dict[str, Image]) -> None:
    Image.objects.update(visibility="public")
    page = client.get(f"/images/{colours['red'].pk}/similar/").content.decode()
    assert "rose" in page
    assert 'form="refine"' not in page
    assert "Search by a part" not in page


def test_somebody_given_access_gets_their_share(
    sign_in: SignIn, bob: User, colours: dict[str, Image]
) -> None:
    colours["red"].shared_with.add(bob)
    colours["rose"].shared_with.add(bob)
    assert titles(sign_in(bob), f"?positive={colours['red'].pk}") == ["rose"]


def test_a_stranger_is_told_there_is_no_such_image(
    sign_in: SignIn, charlie: User, colours: dict[str, Image]
) -> None:
    page = sign_in(charlie).get(f"/search/?positive={colours['red'].pk}")
    assert page.status_code == 400
    assert "There is no image" in page.content.decode()


def test_an_example_without_vector_is_asked_for_at_once(
    sign_in: SignIn, alice: User, store: Store, embed: Callable[..., None]
) -> None:
    image = store("red")
    client = sign_in(alice)
    page = client.get(f"/search/?positive={image.pk}").content.decode()
    assert 'hx-trigger="every 1s"' in page
    assert Embedding.objects.wanted().get().image == image
    embed(image)
    assert titles(client, f"?positive={image.pk}") == []


def test_one_that_failed_says_why(sign_in: SignIn, alice: User, failed: Image) -> None:
    page = sign_in(alice).get(f"/search/?positive={failed.pk}").content.decode()
    assert "The file ends too early." in page


@pytest.mark.parametrize(
    "query",
    [
        "?negative={red}",
        "?positive={red}&negative={red}",
        "?positive=x",
        "?positive=99999999999999999999",
        "?positive=%00",
        "?for_album=0",
        "?for_album=999999",
        "?positive={red}&limit=0",
        "?positive=" + ",".join(map(str, range(1, 102))),
    ],
)
def test_what_makes_no_sense_is_told(
    sign_in: SignIn, alice: User, colours: dict[str, Image], query: str
) -> None:
    page = sign_in(alice).get(f"/search/{query.format(red=colours['red'].pk)}")
    assert page.status_code == 400
    assert "This can’t be done as it is" in page.content.decode()


def test_more_for_an_album_leaves_its_own_images_out(
    sign_in: SignIn, alice: User, colours: dict[str, Image]
) -> None:
    album, client = Album.objects.get(), sign_in(alice)
    assert f'href="/search/?for_album={album.pk}"' in client.get("/?album=Warm").content.decode()
    assert titles(client, f"?for_album={album.pk}") == ["rose", "blue"]


def test_an_album_is_asked_with_by_those_who_may_see_it(
    sign_in: SignIn, bob: User, charlie: User, colours: dict[str, Image]
) -> None:
    album = Album.objects.get()
    assert sign_in(charlie).get(f"/search/?for_album={album.pk}").status_code == 400
    album.shared_with.add(bob)
    assert titles(sign_in(bob), f"?for_album={album.pk}") == []


def test_an_empty_album_can_not_be_asked_with(sign_in: SignIn, alice: User) -> None:
    album = Album.objects.create(owner=alice, title="Empty")
    page = sign_in(alice).get(f"/search/?for_album={album.pk}")
    assert page.status_code == 400
    assert "no picture yet" in page.content.decode()


@pytest.fixture
def shapes(alice: User, picture: Any, embed: Callable[..., None]) -> Image:
    """A landscape, three portraits and a square, reddish all of them."""
    sizes = {"wide": (60, 40), "high": (40, 60), "higher": (40, 70), "square": (50, 50)}
    made = [
        store_image(alice, picture("red", size=size), Labels(title=title))[0]
        for title, size in sizes.items()
    ]
    embed(*made)
    return made[0]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("orientation=portrait", ["high", "higher"]),
        ("orientation=square", ["square"]),
        ("orientation=landscape", []),
        ("orientation=portrait&limit=1", ["high"]),
    ],
)
def test_a_filtered_page_is_as_full_as_it_can_be(
    sign_in: SignIn, alice: User, shapes: Image, query: str, found: list[str]
) -> None:
    assert titles(sign_in(alice), f"?positive={shapes.pk}&{query}") == found


def test_the_grid_knows_orientation_too(sign_in: SignIn, alice: User, shapes: Image) -> None:
    page = sign_in(alice).get("/?orientation=portrait")
    assert [image.title for image in page.context["images"]] == ["higher", "high"]
    assert "remove this filter" in page.content.decode()
    assert sign_in(alice).get("/?orientation=diagonal").status_code == 400


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn, alice: User, colours: dict[str, Image], django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    pks = ",".join(str(image.pk) for image in colours.values())
    # Session, user, encoder, the examples: seen, their vectors; the index, neighbours, examples as
    # shown.
    with django_assert_num_queries(8):
        client.get(f"/search/?positive={pks}")

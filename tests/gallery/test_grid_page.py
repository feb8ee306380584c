"""The grid at /."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from gallery.models import Album, Image, Rendering, State, User
from gallery.rendering import render_next
from gallery.views import grid

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def shown(client: Client, query: str = "") -> list[Image]:
    images: list[Image] = client.get(f"/{query}").context["images"]
    return images


def test_the_owner_sees_the_image(sign_in: SignIn, alice: User, image: Image) -> None:
    assert shown(sign_in(alice)) == [image]


def test_somebody_given_access_sees_it(sign_in: SignIn, bob: User, image: Image) -> None:
    assert shown(sign_in(bob)) == [image]


def test_a_stranger_does_not(sign_in: SignIn, charlie: User, image: Image) -> None:
    page = sign_in(charlie).get("/").content.decode()
    assert "Red" not in page
    assert "No pictures yet" in page


def test_signed_out_people_are_shown_the_way_in(client: Client, image: Image) -> None:
    page = client.get("/").content.decode()
    assert "Nothing here is public" in page
    assert "/sign-in/" in page


def test_signed_out_people_see_public_images(client: Client, store: Store) -> None:
    public = store("blue", visibility="public")
    store("green", visibility="members")
    assert shown(client) == [public]


def test_the_newest_comes_first(sign_in: SignIn, alice: User, store: Store) -> None:
    older, newer = store("red"), store("blue")
    assert shown(sign_in(alice)) == [newer, older]


def test_every_tile_finds_similar(sign_in: SignIn, alice: User, image: Image) -> None:
    page = sign_in(alice).get("/").content.decode()
    assert f'href="/images/{image.pk}/similar/"' in page
    assert f'aria-labelledby="says-similar picture-{image.pk}"' in page
    assert '<span id="says-similar">Find pictures similar to</span>' in page


def test_a_tile_waits_for_its_thumbnail(sign_in: SignIn, alice: User, image: Image) -> None:
    page = sign_in(alice).get("/").content.decode()
    assert "being prepared" in page
    assert f'hx-get="/tiles/?pk={image.pk}"' in page


def test_a_tile_has_its_size_before_it_is_loaded(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    render_next()
    page = sign_in(alice).get("/").content.decode()
    assert f'src="/images/{image.pk}/thumbnail.jpg" alt="Red" width="64" height="48"' in page
    assert "every 2s" not in page


def test_a_tile_says_when_there_is_nothing_to_show(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    Rendering.objects.update(state=State.FAILED, error="Cut off.")
    page = sign_in(alice).get("/").content.decode()
    assert "can’t be shown" in page
    assert "every 2s" not in page


def test_pages_follow_one_another(
    sign_in: SignIn, alice: User, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid, "PAGE_SIZE", 2)
    first, second, third = store("red"), store("green"), store("blue")
    client = sign_in(alice)
    page = client.get("/")
    assert page.context["images"] == [third, second]
    until = page.context["until"]
    assert f'href="?until={until}"' in page.content.decode()
    assert shown(client, f"?until={until}") == [first]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?tag=WALL", 1),
        ("?tag=door", 0),
        ("?album=holidays", 1),
        ("?album=nothing", 0),
        ("?owner=alice", 1),
        ("?owner=bob", 0),
        ("?after=2001-01-01", 1),
        ("?before=2001-01-01T10:00", 0),
        (f"?album={'9' * 100}", 0),
    ],
)
def test_filters(sign_in: SignIn, alice: User, store: Store, query: str, found: int) -> None:
    store("red", tags=["wall"], album="Holidays")
    assert len(shown(sign_in(alice), query)) == found


def test_a_filter_is_a_chip_that_can_be_taken_away(
    sign_in: SignIn, alice: User, store: Store
) -> None:
    store("red", tags=["wall"], album="Holidays")
    album = Album.objects.get()
    page = sign_in(alice).get(f"/?album={album.pk}&tag=wall&until=99")
    assert [(chip.value, chip.without) for chip in page.context["chips"]] == [
        ("Holidays", "?tag=wall"),
        ("wall", f"?album={album.pk}"),
    ]


def test_a_private_album_s_number_tells_a_stranger_nothing(
    sign_in: SignIn, charlie: User, store: Store
) -> None:
    store("red", album="Holidays", visibility="public")
    album = Album.objects.get()
    page = sign_in(charlie).get(f"/?album={album.pk}")
    assert page.context["images"] == []
    assert "Holidays" not in page.content.decode()


def test_a_date_that_is_none_is_told(sign_in: SignIn, alice: User, image: Image) -> None:
    page = sign_in(alice).get("/?after=yesterday")
    assert page.status_code == 400
    assert "Enter a valid date/time." in page.content.decode()


def test_the_number_of_queries_does_not_grow(
    sign_in: SignIn, alice: User, store: Store, django_assert_num_queries: Any
) -> None:
    client = sign_in(alice)
    for level in range(8):
        store((level, 0, 0), tags=["wall"], album="Holidays")
    # Session, user, images, months, which of them are favourites.
    with django_assert_num_queries(5):
        client.get("/")
    # Less the months, and one to see whether anything precedes.
    with django_assert_num_queries(5):
        client.get("/?month=2100-01", headers={"HX-Request": "true"})


def test_finished_tiles_replace_their_placeholders(
    sign_in: SignIn, alice: User, store: Store
) -> None:
    done = store("red")
    render_next()
    waiting = store("blue")
    page = sign_in(alice).get(f"/tiles/?pk={done.pk}&pk={waiting.pk}&pk=x").content.decode()
    assert f'id="picture-{done.pk}"' in page
    assert f'id="picture-{waiting.pk}"' not in page
    assert f'hx-get="/tiles/?pk={waiting.pk}"' in page
    assert f'hx-select-oob="#picture-{waiting.pk}"' in page


def test_tiles_of_others_do_not_exist(sign_in: SignIn, charlie: User, image: Image) -> None:
    render_next()
    assert "tile-" not in sign_in(charlie).get(f"/tiles/?pk={image.pk}").content.decode()


def test_a_title_is_text(sign_in: SignIn, alice: User, store: Store) -> None:
    store("red", title="<script>alert(1)</script>")
    assert "<script>alert" not in sign_in(alice).get("/").content.decode()

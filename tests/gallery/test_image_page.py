"""The page of one image, for each person."""

from collections.abc import Callable

from django.test import Client

from gallery.labels import add_to_album
from gallery.models import Album, Image, Rendering, Role, ShareLink, State, User
from gallery.rendering import render_next

SignIn = Callable[[User], Client]
Store = Callable[..., Image]


def page_of(client: Client, image: Image) -> str:
    return client.get(f"/images/{image.pk}/").content.decode()


def test_the_owner_can_do_everything(sign_in: SignIn, alice: User, image: Image) -> None:
    page = page_of(sign_in(alice), image)
    for action in ("similar/", "file/?download=1", "edit/"):
        assert f'href="/images/{image.pk}/{action}"' in page
    assert f'action="/images/{image.pk}/delete/"' in page


def test_somebody_given_access_looks_only(sign_in: SignIn, bob: User, image: Image) -> None:
    page = page_of(sign_in(bob), image)
    assert f'href="/images/{image.pk}/similar/"' in page
    assert "edit/" not in page
    assert "delete/" not in page
    assert "Visible to" not in page


def test_a_stranger_gets_404(sign_in: SignIn, charlie: User, image: Image) -> None:
    page = sign_in(charlie).get(f"/images/{image.pk}/")
    assert page.status_code == 404
    assert "There is nothing here" in page.content.decode()


def test_signed_out_people_get_404_and_the_way_in(client: Client, image: Image) -> None:
    page = client.get(f"/images/{image.pk}/")
    assert page.status_code == 404
    assert f"/sign-in/?next=%2Fimages%2F{image.pk}%2F" in page.content.decode()


def test_signed_out_people_see_a_public_image(client: Client, image: Image) -> None:
    Image.objects.update(visibility="public")
    assert client.get(f"/images/{image.pk}/").status_code == 200


def test_the_owner_sees_whom_it_is_shared_with(sign_in: SignIn, alice: User, image: Image) -> None:
    assert "only me, bob" in page_of(sign_in(alice), image)


def test_somebody_else_s_private_album_is_not_named(
    sign_in: SignIn, alice: User, bob: User, store: Callable[..., Image]
) -> None:
    image = store("red", album="Divorce", visibility="members")
    assert "Divorce" in page_of(sign_in(alice), image)
    assert "Divorce" not in page_of(sign_in(bob), image)


def test_the_preview_is_awaited(sign_in: SignIn, alice: User, image: Image) -> None:
    client = sign_in(alice)
    assert f'hx-get="/images/{image.pk}/" hx-trigger="every 2s"' in page_of(client, image)
    render_next()
    assert f'src="/images/{image.pk}/preview.jpg"' in page_of(client, image)
    assert "every 2s" not in page_of(client, image)


def test_the_reason_why_there_is_no_preview_is_told(
    sign_in: SignIn, alice: User, image: Image
) -> None:
    Rendering.objects.update(state=State.FAILED, error="It was cut off.")
    assert "It was cut off." in page_of(sign_in(alice), image)


def test_its_state_is_told_until_all_is_done(sign_in: SignIn, alice: User, image: Image) -> None:
    client, work = sign_in(alice), Rendering.objects.filter(image=image)
    assert "waiting for the workers" in page_of(client, image)
    work.fail("It was cut off.")
    assert "failed: It was cut off." in page_of(client, image)
    work.update(state=State.READY, error="")
    assert "<dt>State</dt>" not in page_of(client, image)


def test_its_description_is_text_with_links(sign_in: SignIn, bob: User, image: Image) -> None:
    Image.objects.update(description="<b>Bold</b>\nhttps://example.org/wall")
    page = page_of(sign_in(bob), image)
    assert "&lt;b&gt;Bold&lt;/b&gt;<br>" in page
    assert '<a href="https://example.org/wall" rel="nofollow">' in page


def test_a_manager_edits_and_deletes_and_does_not_share(
    sign_in: SignIn, bob: User, image: Image
) -> None:
    bob.take_role(Role.MANAGER)
    page = page_of(sign_in(bob), image)
    assert f'href="/images/{image.pk}/edit/"' in page
    assert f'action="/images/{image.pk}/delete/"' in page
    assert f'action="/images/{image.pk}/rating/"' in page
    assert "/share/" not in page


def test_the_owner_sees_which_links_show_it(
    sign_in: SignIn, alice: User, bob: User, store: Store, image: Image
) -> None:
    album = Album.objects.create(owner=alice, title="Walls")
    add_to_album(image, album)
    for target in (image, album, store("blue")):
        ShareLink.issue(target, 7)
    ShareLink.issue(image, -1)
    page = sign_in(alice).get(f"/images/{image.pk}/")
    assert [str(link) for link in page.context["links"]] == ["Walls", "Red"]
    assert f'href="/albums/{album.pk}/share/"' in page.content.decode()
    assert not sign_in(bob).get(f"/images/{image.pk}/").context["links"]


def test_the_same_file_of_others_is_told_to_those_who_see_it(
    sign_in: SignIn, alice: User, bob: User, charlie: User, store: Store, image: Image
) -> None:
    twin = store("red", owner=charlie, title="Mine")
    client = sign_in(alice)
    assert f"/images/{twin.pk}/" not in page_of(client, image)
    twin.shared_with.add(alice)
    assert f'<a href="/images/{twin.pk}/">“Mine” of charlie</a>' in page_of(client, image)
    assert f"/images/{twin.pk}/" not in page_of(sign_in(bob), image)

"""Administrators run the gallery: images, albums, tags, people and tokens in Django admin."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import DjangoAssertNumQueries

from gallery.models import Album, ApiToken, Image, Rendering, StrayFile, Tag, User, Visibility
from gallery.rendering import render_next
from gallery.renditions import KINDS
from tests.conftest import Picture

IMAGES = reverse("admin:gallery_image_changelist")
ADD = reverse("admin:gallery_image_add")
WORK = ("rendering", "embeddings")
Store = Callable[..., Image]


@pytest.fixture
def staff(client: Client, charlie: User) -> Callable[..., Client]:
    """Charlie as staff, with the permissions named."""

    def with_permissions(*codenames: str) -> Client:
        charlie.is_staff = True
        charlie.save()
        charlie.groups.clear()
        charlie.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(charlie)
        return client

    return with_permissions


def change(image: Image) -> str:
    return reverse("admin:gallery_image_change", args=[image.pk])


def rendition(image: Image, kind: str = "thumbnail") -> str:
    return reverse("admin:gallery_image_rendition", args=[image.pk, kind])


def status(client: Client, url: str) -> int:
    answer: Any = client.get(url)
    if answer.streaming:
        # Otherwise its file stays open.
        answer.getvalue()
    return int(answer.status_code)


def titles(answer: Any) -> list[str]:
    return [image.title for image in answer.context["cl"].result_list]


def act(client: Client, action: str, *images: Image, **more: Any) -> Any:
    chosen = [image.pk for image in images]
    data = {"action": action, "_selected_action": chosen, **more}
    return client.post(IMAGES, data, follow=True)


def test_admin_wears_the_gallery_s_icon(admin: Client) -> None:
    def icons(address: str) -> list[str]:
        return re.findall(r'<link rel="icon" href="([^"]+)"', admin.get(address).text)

    gallery_s = icons(reverse("gallery:grid"))
    assert len(gallery_s) == 1
    for address in (reverse("admin:index"), reverse("admin:gallery_bulkjob_changelist"), ADD):
        assert icons(address) == gallery_s


@pytest.mark.parametrize(
    "model", ["image", "album", "tag", "user", "apitoken", "encoder", "embedding"]
)
def test_every_list_opens(admin: Client, image: Image, model: str) -> None:
    Tag.objects.create(owner=image.owner, name="brick")
    app = "search" if model in {"encoder", "embedding"} else "gallery"
    assert admin.get(reverse(f"admin:{app}_{model}_changelist")).status_code == 200


def test_the_list_shows_thumbnails_of_private_images(admin: Client, store: Store) -> None:
    image = store("red")
    render_next()
    assert f'src="{rendition(image)}" width="72" height="54"' in admin.get(IMAGES).text
    answer = admin.get(rendition(image))
    assert answer.getvalue().startswith(b"\xff\xd8")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_an_image_without_thumbnail_is_listed_all_the_same(admin: Client, store: Store) -> None:
    image = store("red")
    assert rendition(image) not in admin.get(IMAGES).text
    assert admin.get(rendition(image)).status_code == 404


def test_there_are_no_other_renditions(admin: Client, image: Image) -> None:
    render_next()
    assert admin.get(rendition(image, "poster")).status_code == 404


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    admin: Client, store: Store, bob: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store("red", album="Walls", tags=["brick"])
    render_next()
    with django_assert_num_queries(7):
        admin.get(IMAGES)
    for color in ("green", "blue", "white"):
        store(color, owner=bob)
        render_next()
    with django_assert_num_queries(7):
        admin.get(IMAGES)


@pytest.mark.parametrize("words", ["brick wall", "photo.png", "old", "sha", "pk"])
def test_images_are_found_by_what_is_known_of_them(
    admin: Client, store: Store, picture: Picture, words: str
) -> None:
    image = store("red", title="Brick wall", tags=["old"])
    Image.objects.exclude(pk=store("blue", title="Sea").pk).update(file_name="dsc1.png")
    found = {"sha": image.sha256[:10].upper(), "pk": str(image.pk), "photo.png": "dsc1"}
    assert titles(admin.get(IMAGES, {"q": found.get(words, words)})) == ["Brick wall"]


@pytest.mark.parametrize(
    "chosen",
    [{"visibility__exact": "public"}, {"format": "JPEG"}, {"state": "failed"}],
)
def test_images_are_filtered(admin: Client, store: Store, chosen: dict[str, str]) -> None:
    image = store("red", title="Chosen", visibility=Visibility.PUBLIC)
    Image.objects.filter(pk=image.pk).update(format="JPEG")
    Rendering.objects.filter(image=image).fail("broken")
    store("blue")
    assert titles(admin.get(IMAGES, chosen)) == ["Chosen"]


def test_an_album_leads_to_its_images(admin: Client, store: Store) -> None:
    store("red", title="In it", album="Walls")
    store("blue")
    address = f"{IMAGES}?album={Album.objects.get().pk}&trash=no"
    link = f'<a href="{escape(address)}">1</a>'
    assert link in admin.get(reverse("admin:gallery_album_changelist")).text
    assert titles(admin.get(address)) == ["In it"]


def test_a_tag_leads_to_the_images_its_owner_put_it_on(
    admin: Client, store: Store, bob: User
) -> None:
    store("red", title="Hers", tags=["old wall"])
    store("blue", title="His", tags=["old wall"], owner=bob)
    address = f"{IMAGES}?tag=old+wall&owner=alice&trash=no"
    link = f'<a href="{escape(address)}">1</a>'
    assert link in admin.get(reverse("admin:gallery_tag_changelist")).text
    assert titles(admin.get(address)) == ["Hers"]


@pytest.mark.parametrize(
    "chosen",
    [
        {"album": "walls"},
        {"tag": "OLD"},
        {"owner": "alice"},
        {"after": "2020-01-01", "before": "2021-01-01"},
    ],
)
def test_images_are_filtered_by_what_is_typed(
    admin: Client, store: Store, bob: User, chosen: dict[str, str]
) -> None:
    image = store("red", title="Chosen", album="Walls", tags=["old"])
    Image.objects.filter(pk=image.pk).update(taken_at=datetime(2020, 6, 1, tzinfo=UTC))
    store("blue", owner=bob)
    assert titles(admin.get(IMAGES, chosen)) == ["Chosen"]
    assert titles(admin.get(IMAGES, {**chosen, "q": "nothing of that kind"})) == []


@pytest.mark.parametrize("chosen", [{"album": "none"}, {"owner": "\0x"}, {"after": "yesterday"}])
def test_what_nobody_has_narrows_to_nothing(
    admin: Client, image: Image, chosen: dict[str, str]
) -> None:
    assert titles(admin.get(IMAGES, chosen)) == []


def test_a_typed_filter_keeps_the_other_ones(admin: Client, image: Image) -> None:
    text = admin.get(IMAGES, {"owner": "alice", "q": "red", "trash": "no"}).text
    assert '<input type="hidden" name="trash" value="no">' in text
    assert '<input type="hidden" name="q" value="red">' in text
    assert 'name="owner" value="alice"' in text


def test_the_filters_grow_with_no_album_tag_or_person(
    admin: Client, image: Image, store: Store
) -> None:
    store("blue", album="Walls", tags=["brick"])
    text = admin.get(IMAGES).text
    assert "Walls" not in text
    assert "brick" not in text
    assert "charlie" not in text


def test_an_album_keeps_its_owner(admin: Client, store: Store, bob: User) -> None:
    album = store("red", album="Walls").albums.get()
    url = reverse("admin:gallery_album_change", args=[album.pk])
    said = {"owner": bob.pk, "title": "Bricks", "visibility": "public", "order": "hand"}
    admin.post(url, said)
    album.refresh_from_db()
    assert (album.title, album.owner.username) == ("Bricks", "alice")


def save(admin: Client, image: Image, **said: Any) -> Any:
    data = {"title": "Wall", "visibility": "public", "tag_names": "old, red", "rating": 0}
    forms = {f"{work}-{name}_FORMS": 0 for work in WORK for name in ("TOTAL", "INITIAL")}
    return admin.post(change(image), {**data, **said, **forms})


def test_an_image_has_five_stars_at_most(admin: Client, image: Image) -> None:
    assert "less than or equal to 5" in save(admin, image, rating=6).text


def test_the_page_of_an_image_tells_its_history(admin: Client, image: Image, charlie: User) -> None:
    assert "Nothing was changed in the admin yet." in admin.get(change(image)).text
    save(admin, image, rating=4)
    act(admin, "set_visibility", image, answered="yes", visibility="private")
    text = admin.get(change(image)).text
    assert "root: Changed Title" in text
    assert "root: Change who may see them: only me (#" in text


def test_what_is_said_of_an_image_can_be_changed(admin: Client, image: Image) -> None:
    assert save(admin, image, description="Of brick.", rating=4).status_code == 302
    image.refresh_from_db()
    assert (image.title, image.visibility) == ("Wall", "public")
    assert (image.description, image.rating) == ("Of brick.", 4)
    assert [tag.name for tag in image.tags.all()] == ["old", "red"]
    assert not image.shared_with.exists()


def test_the_page_of_an_image_tells_why_it_has_no_preview(admin: Client, image: Image) -> None:
    Rendering.objects.filter(image=image).fail("The file ends too early.")
    text = admin.get(change(image)).text
    assert "The file ends too early." in text
    assert image.sha256 in text


def test_previews_are_made_again(
    admin: Client, image: Image, django_capture_on_commit_callbacks: Any
) -> None:
    Rendering.objects.filter(image=image).fail("broken")
    with django_capture_on_commit_callbacks(execute=True) as rung:
        answer = act(admin, "render_again", image)
    assert "Make thumbnails and previews again: 1 picture changed." in answer.text
    assert Rendering.objects.claimable().count() == len(rung) == 1


def test_deleting_takes_the_files_along(admin: Client, store: Store) -> None:
    image, kept = store("red"), store("blue")
    assert "1 picture is chosen." in act(admin, "delete", image).text
    answer = act(admin, "delete", image, answered="yes")
    assert "Delete for good: 1 picture changed." in answer.text
    assert LogEntry.objects.get().is_deletion()
    assert list(Image.objects.all()) == [kept]
    assert {stray.name for stray in StrayFile.objects.due()} == set(image.file_names())


def test_deleting_one_takes_the_files_along(admin: Client, image: Image) -> None:
    url = reverse("admin:gallery_image_delete", args=[image.pk])
    assert "Red" in admin.get(url).text
    admin.post(url, {"post": "yes"})
    assert StrayFile.objects.due().count() == 1 + len(KINDS)


def test_an_upload_goes_through_the_door(admin: Client, alice: User, picture: Picture) -> None:
    assert "multipart/form-data" in admin.get(ADD).text
    data = {"owner": alice.pk, "title": "Wall", "tags": "old, red", "visibility": "members"}
    answer = admin.post(ADD, {**data, "album": "Bricks", "file": picture("red")})
    image = Image.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, IMAGES)
    assert (image.owner, image.title, image.visibility) == (alice, "Wall", "members")
    assert image.albums.get().title == "Bricks"


def test_a_rejected_upload_says_why(admin: Client, alice: User) -> None:
    file = SimpleUploadedFile("photo.jpg", b"no image at all")
    answer = admin.post(ADD, {"owner": alice.pk, "visibility": "private", "file": file})
    assert "This is not an image we can read" in answer.text
    assert not Image.objects.exists()
    assert not StrayFile.objects.exists()


def test_an_upload_needs_a_file_and_an_owner(admin: Client) -> None:
    assert admin.post(ADD, {"visibility": "private"}).text.count("This field is required.") == 2


def test_bytes_the_owner_has_lead_to_the_image_they_have(
    admin: Client, image: Image, picture: Picture
) -> None:
    data = {"owner": image.owner.pk, "visibility": "private", "file": picture("red")}
    answer = admin.post(ADD, data, follow=True)
    assert "This file is already there: “Red” of alice." in answer.text
    assert Image.objects.count() == 1


def test_tokens_are_shown_without_their_key_and_revoked(admin: Client, alice: User) -> None:
    key = ApiToken.issue(alice)
    url = reverse("admin:gallery_apitoken_changelist")
    assert "alice" in admin.get(url).text
    assert key not in admin.get(url).text
    assert admin.get(reverse("admin:gallery_apitoken_add")).status_code == 403
    token = ApiToken.objects.get()
    admin.post(reverse("admin:gallery_apitoken_delete", args=[token.pk]), {"post": "yes"})
    assert not ApiToken.objects.exists()


def test_somebody_with_images_can_not_be_deleted(admin: Client, image: Image) -> None:
    admin.post(reverse("admin:gallery_user_delete", args=[image.owner.pk]), {"post": "yes"})
    assert User.objects.filter(pk=image.owner.pk).exists()


def test_staff_see_images_only_with_permission(staff: Callable[..., Client], image: Image) -> None:
    render_next()
    pages = (IMAGES, ADD, rendition(image), change(image))
    client = staff()
    assert [status(client, url) for url in pages] == [403, 403, 403, 403]
    client = staff("view_image")
    assert [status(client, url) for url in pages] == [200, 403, 200, 200]


def test_staff_who_may_look_may_not_act(staff: Callable[..., Client], image: Image) -> None:
    client = staff("view_image")
    act(client, "render_again", image)
    act(client, "delete", image, answered="yes")
    assert client.post(change(image), {"title": "Mine"}).status_code == 403
    assert Image.objects.filter(title="Red").exists()


def test_the_right_to_delete_images_is_enough_to_delete_one(
    staff: Callable[..., Client], image: Image
) -> None:
    act(staff("view_image", "delete_image"), "delete", image, answered="yes")
    assert not Image.objects.exists()


def test_people_who_are_not_staff_get_nothing(
    sign_in: Callable[[User], Client], image: Image, bob: User
) -> None:
    render_next()
    assert sign_in(bob).get(rendition(image)).status_code == 302


def test_nothing_of_the_admin_is_inline(admin: Client, image: Image) -> None:
    render_next()
    for url in (IMAGES, change(image), ADD):
        text = admin.get(url).text
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text

"""In the admin any number of images is changed: a handful at once, more in the background."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from gallery import jobs
from gallery.jobs import start, work_next
from gallery.models import Album, BulkJob, Image, Role, State, User
from search.admin.images import SearchableImageAdmin

IMAGES = reverse("admin:gallery_image_changelist")
JOBS = reverse("admin:gallery_bulkjob_changelist")
Store = Callable[..., Image]


@pytest.fixture
def manager(client: Client, charlie: User) -> Client:
    """Charlie looks after the gallery, and owns nothing in it."""
    charlie.take_role(Role.MANAGER)
    client.force_login(charlie)
    return client


@pytest.fixture
def three(store: Store) -> list[Image]:
    return [store((at, 0, 0), title=f"at {at}") for at in range(3)]


def act(client: Client, action: str, images: list[Image], query: str = "", **more: Any) -> Any:
    data = {"action": action, "_selected_action": [image.pk for image in images], **more}
    return client.post(IMAGES + query, data, follow=True)


def page_of(job: BulkJob) -> str:
    return reverse("admin:gallery_bulkjob_change", args=[job.pk])


def test_an_action_that_needs_a_value_asks_for_it(manager: Client, three: list[Image]) -> None:
    text = act(manager, "set_visibility", three).text
    assert "3 pictures are chosen." in text
    assert '<select name="visibility"' in text
    assert text.count('name="_selected_action"') == 3
    assert not BulkJob.objects.exists()


def test_a_handful_is_changed_at_once(manager: Client, three: list[Image]) -> None:
    answer = act(manager, "set_visibility", three[:2], answered="yes", visibility="public")
    assert "Change who may see them: 2 pictures changed." in answer.text
    assert Image.objects.filter(visibility="public").count() == 2
    assert BulkJob.objects.get().state == State.READY


def test_a_value_that_is_none_is_asked_for_again(manager: Client, three: list[Image]) -> None:
    answer = act(manager, "add_tags", three, answered="yes", tags=" , ")
    assert "This field is required." in answer.text
    assert not BulkJob.objects.exists()


def test_more_than_a_page_waits_for_a_worker(
    manager: Client, three: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SearchableImageAdmin, "list_per_page", 2)
    answer = act(manager, "trash", three[:1], select_across="1")
    job = BulkJob.objects.get()
    assert answer.redirect_chain[-1][0] == page_of(job)
    assert "0 of 3 pictures done" in answer.text
    assert 'hx-trigger="every 1s"' in answer.text
    assert Image.objects.kept().count() == 3
    assert work_next()
    text = manager.get(page_of(job)).text
    assert "3 of 3 pictures done" in text
    assert "hx-trigger" not in text
    assert not Image.objects.kept().exists()


def test_all_of_a_filtered_list_is_what_the_filters_leave(
    manager: Client, three: list[Image], store: Store, bob: User
) -> None:
    his = store("blue", owner=bob)
    act(manager, "trash", [his], "?owner=alice", select_across="1")
    assert list(Image.objects.kept()) == [his]


def test_images_are_put_into_an_album(manager: Client, three: list[Image], alice: User) -> None:
    album = Album.objects.create(owner=alice, title="Walls")
    answer = act(manager, "add_to_album", three, answered="yes", album=album.pk)
    assert "Add to an album: 3 pictures changed." in answer.text
    assert album.items.count() == 3
    assert BulkJob.objects.get().detail == "Walls (alice)"


def test_albums_are_offered_by_title_with_their_owners(manager: Client, alice: User) -> None:
    for title in ("Walls", "Doors"):
        Album.objects.create(owner=alice, title=title)
    field = {"app_label": "gallery", "model_name": "albumitem", "field_name": "album"}
    found = manager.get(reverse("admin:autocomplete"), field).json()["results"]
    assert [album["text"] for album in found] == ["Doors (alice)", "Walls (alice)"]


def test_refusals_are_told_with_their_reason(
    manager: Client, three: list[Image], bob: User
) -> None:
    album = Album.objects.create(owner=bob, title="Walls")
    answer = act(manager, "add_to_album", three, answered="yes", album=album.pk)
    assert "0 pictures changed; 3 refused: The album’s owner can’t see it" in answer.text


def test_images_are_handed_over(manager: Client, three: list[Image], bob: User) -> None:
    act(manager, "hand_over", three, answered="yes", owner=bob.pk)
    assert Image.objects.filter(owner=bob).count() == 3


def test_what_was_done_is_listed_with_who_and_when(
    admin: Client, three: list[Image], charlie: User
) -> None:
    start(charlie, "add_tags", [three[0].pk], {"tags": ["old"]}, "old")
    text = admin.get(JOBS).text
    assert "Add tags: old" in text
    assert "charlie" in text
    assert "0 of 1" in text


def test_a_manager_sees_their_own_only(manager: Client, three: list[Image], alice: User) -> None:
    hers = start(alice, "add_tags", [three[0].pk], {"tags": ["old"]}, "secret")
    assert "secret" not in manager.get(JOBS).text
    assert manager.get(page_of(hers)).status_code == 302


def test_people_who_may_not_look_at_images_see_none(client: Client, charlie: User) -> None:
    job = start(charlie, "trash", [], {})
    client.force_login(charlie)
    assert client.get(page_of(job)).status_code == 302
    charlie.is_staff = True
    charlie.save()
    assert client.get(page_of(job)).status_code == 403
    assert client.get(JOBS).status_code == 403


def test_what_was_given_up_goes_on_where_it_stopped(
    manager: Client, three: list[Image], charlie: User
) -> None:
    job = start(charlie, "trash", [image.pk for image in three], {})
    BulkJob.objects.update(state=State.FAILED, error="Given up.", done=1)
    manager.post(JOBS, {"action": "go_on", "_selected_action": [job.pk]})
    assert work_next()
    assert Image.objects.kept().get() == three[0]


@pytest.mark.parametrize(
    ("permission", "offered"),
    [
        ("view_image", set()),
        (
            "change_image",
            {"render_again", "set_visibility", "add_tags", "retry_failed", "embed_again"},
        ),
        ("delete_image", {"trash", "restore", "delete"}),
    ],
)
def test_only_what_is_permitted_is_offered(
    client: Client, charlie: User, image: Image, permission: str, offered: set[str]
) -> None:
    charlie.is_staff = True
    charlie.save()
    charlie.groups.clear()
    permitted = Permission.objects.filter(codename__in=["view_image", permission])
    charlie.user_permissions.set(permitted)
    client.force_login(charlie)
    form = client.get(IMAGES).context["action_form"]
    names = {name for name, _ in form.fields["action"].choices if name} if form else set()
    assert names == offered


def test_a_manager_is_offered_all_of_it(manager: Client, image: Image) -> None:
    form = manager.get(IMAGES).context["action_form"]
    names = {name for name, _ in form.fields["action"].choices if name}
    assert names == set(jobs.actions)


def test_what_is_not_offered_is_not_done(client: Client, charlie: User, image: Image) -> None:
    charlie.is_staff = True
    charlie.save()
    charlie.groups.clear()
    charlie.user_permissions.set(Permission.objects.filter(codename="change_image"))
    client.force_login(charlie)
    act(client, "trash", [image])
    act(client, "hand_over", [image], answered="yes", owner=charlie.pk)
    image.refresh_from_db()
    assert (image.trashed_at, image.owner.username) == (None, "alice")
    assert not BulkJob.objects.exists()


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    admin: Client, charlie: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    start(charlie, "trash", [], {})
    with django_assert_max_num_queries(6) as few:
        admin.get(JOBS)
    for _ in range(3):
        start(charlie, "restore", [], {})
    with django_assert_max_num_queries(len(few)):
        admin.get(JOBS)


def test_nothing_of_their_pages_is_inline(
    manager: Client, charlie: User, three: list[Image]
) -> None:
    job = start(charlie, "trash", [], {})
    for text in (manager.get(page_of(job)).text, act(manager, "hand_over", three).text):
        assert "<style" not in text
        assert " style=" not in text
        assert "<script>" not in text

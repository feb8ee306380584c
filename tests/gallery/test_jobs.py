"""Thousands of images are changed in the background, some at a time, each exactly once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission

from gallery import jobs
from gallery.jobs import Done, JobAction, start, sweep, work_next
from gallery.models import Album, BulkJob, Image, Role, ShareLink, State, Tag, User, Visibility
from gallery.models.work import MAX_ATTEMPTS
from tests.conftest import Picture

Store = Callable[..., Image]
Run = Callable[..., BulkJob]


@pytest.fixture
def manager(charlie: User) -> User:
    """Charlie looks after the gallery, and owns nothing in it."""
    charlie.take_role(Role.MANAGER)
    return User.objects.get(pk=charlie.pk)


@pytest.fixture
def run(manager: User) -> Run:
    """Start a job of the manager's and work it off."""

    def work_off(action: str, *images: Image, person: User | None = None, **said: Any) -> BulkJob:
        job = start(person or manager, action, [image.pk for image in images], said, "this")
        while work_next():
            pass
        job.refresh_from_db()
        return job

    return work_off


@pytest.fixture
def by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two images a chunk."""
    monkeypatch.setattr(jobs, "CHUNK", 2)


@pytest.fixture
def five(store: Store) -> list[Image]:
    return [store((at, 0, 0), title=f"at {at}") for at in range(5)]


def names(image: Image) -> list[tuple[str, str]]:
    return [(tag.name, tag.owner.username) for tag in image.tags.all()]


def test_it_goes_on_chunk_by_chunk_and_tells_how_far(
    by_two: None, five: list[Image], manager: User
) -> None:
    chosen = [image.pk for image in five]
    job = start(manager, "set_visibility", chosen, {"visibility": "public"})
    seen = []
    while work_next():
        job.refresh_from_db()
        seen.append((job.done, job.changed, job.state))
    assert seen == [(2, 2, "pending"), (4, 4, "pending"), (5, 5, "ready")]
    assert Image.objects.filter(visibility="public").count() == 5


def test_what_needs_no_change_is_told_apart(run: Run, five: list[Image]) -> None:
    Image.objects.filter(pk=five[0].pk).update(visibility="members")
    job = run("set_visibility", *five, visibility="members")
    assert (job.changed, job.count_left, job.count_refused) == (4, 1, 0)


def test_what_is_deleted_meanwhile_is_told_and_left_out(
    by_two: None, five: list[Image], run: Run
) -> None:
    five[3].delete()
    five[3].pk = 999_999
    job = run("set_visibility", *five, visibility="public")
    assert (job.changed, job.refused) == (4, {"It is gone.": 1})


def test_a_worker_that_dies_leaves_no_half_a_chunk(
    by_two: None, five: list[Image], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(job: BulkJob, changed: Any) -> None:
        raise SystemExit

    job = start(manager, "set_visibility", [one.pk for one in five], {"visibility": "public"})
    assert work_next()
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "note_in_history", die)
        with pytest.raises(SystemExit):
            work_next()
    job.refresh_from_db()
    assert (job.done, job.attempts) == (2, 1)
    assert Image.objects.filter(visibility="public").count() == 2
    # Its lease is over some time.
    BulkJob.objects.update(leased_until=None)
    assert sweep()
    while work_next():
        pass
    job.refresh_from_db()
    assert (job.done, job.changed, job.state) == (5, 5, State.READY)


def test_one_chunk_is_never_changed_twice(by_two: None, five: list[Image], manager: User) -> None:
    start(manager, "set_visibility", [one.pk for one in five], {"visibility": "public"})
    (job,) = BulkJob.objects.for_lists().claim(1, jobs.LEASE)
    jobs.work_on(job)
    jobs.work_on(job)
    job.refresh_from_db()
    assert (job.done, job.changed) == (2, 2)


def test_it_is_given_up_after_three_dead_workers(five: list[Image], manager: User) -> None:
    job = start(manager, "trash", [one.pk for one in five], {})
    BulkJob.objects.update(attempts=MAX_ATTEMPTS)
    assert not sweep()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, jobs.GAVE_UP)


def test_rights_are_looked_at_when_it_is_done(five: list[Image], run: Run, manager: User) -> None:
    Group.objects.get(name=Role.MANAGER).permissions.remove(
        Permission.objects.get(codename="delete_image")
    )
    job = run("trash", *five)
    assert (job.state, job.error) == (State.FAILED, "charlie may not do that any more.")
    assert Image.objects.kept().count() == 5


def test_an_action_that_is_gone_fails_in_words(five: list[Image], run: Run) -> None:
    job = run("paint", *five)
    assert (job.state, job.error) == (
        State.FAILED,
        "Nobody here knows how to do that any more.",
    )


def test_every_image_changed_has_it_in_its_history(run: Run, five: list[Image]) -> None:
    Image.objects.filter(pk=five[0].pk).update(visibility="public")
    job = run("set_visibility", *five, visibility="public")
    entries = LogEntry.objects.order_by("object_id")
    assert [int(str(entry.object_id)) for entry in entries] == [one.pk for one in five[1:]]
    assert entries[0].change_message == f"Change who may see them: this (#{job.pk})"


def test_tags_are_each_owners_own(run: Run, store: Store, bob: User) -> None:
    hers, his = store("red", tags=["Brick"]), store("blue", owner=bob)
    job = run("add_tags", hers, his, tags=["brick", "old"])
    assert job.changed == 2
    assert names(hers) == [("Brick", "alice"), ("old", "alice")]
    assert names(his) == [("brick", "bob"), ("old", "bob")]


def test_an_album_takes_what_its_owner_may_see_in_the_order_chosen(
    run: Run, five: list[Image], store: Store, bob: User
) -> None:
    album = Album.objects.create(owner=bob, title="Walls")
    his = store("blue", owner=bob)
    Image.objects.filter(pk=five[4].pk).update(visibility=Visibility.PUBLIC)
    job = run("add_to_album", five[4], his, *five[:2], album=album.pk)
    assert list(album.items.values_list("image", flat=True)) == [five[4].pk, his.pk]
    assert (job.changed, list(job.refused.values())) == (2, [2])
    assert "can’t see it" in next(iter(job.refused))


def test_an_album_that_is_gone_refuses_all(run: Run, five: list[Image]) -> None:
    assert run("add_to_album", *five, album=999).refused == {"The album is gone.": 5}


def test_handing_over_takes_tags_and_albums_along_as_the_new_owners(
    run: Run, store: Store, bob: User, alice: User
) -> None:
    image = store("red", album="Walls", tags=["brick"])
    Tag.objects.create(owner=bob, name="Brick")
    image.shared_with.add(bob)
    assert run("hand_over", image, owner=bob.pk).changed == 1
    image.refresh_from_db()
    assert image.owner == bob
    assert names(image) == [("Brick", "bob")]
    assert [(album.title, album.owner) for album in image.albums.all()] == [("Walls", bob)]
    assert not image.shared_with.exists()
    assert not Album.objects.get(owner=alice).items.exists()


def test_handing_over_ends_shared_links(run: Run, image: Image, bob: User, settings: Any) -> None:
    ShareLink.objects.create(
        owner=image.owner, image=image, digest="0" * 64, expires_at="2100-01-01T00:00Z"
    )
    run("hand_over", image, owner=bob.pk)
    assert not ShareLink.objects.exists()


def test_nothing_gets_into_a_shared_album_by_its_name(
    run: Run, store: Store, bob: User, charlie: User
) -> None:
    image = store("red", album="Walls")
    Album.objects.create(owner=bob, title="Walls").shared_with.add(charlie)
    run("hand_over", image, owner=bob.pk)
    assert not image.albums.exists()
    assert not Image.objects.visible_to(charlie).exists()


def test_third_peoples_albums_stay(run: Run, store: Store, bob: User, charlie: User) -> None:
    image = store("red", visibility="public")
    album = Album.objects.create(owner=charlie, title="Mine")
    album.items.create(image=image)
    run("hand_over", image, owner=bob.pk)
    assert list(image.albums.all()) == [album]


def test_the_same_file_twice_is_refused(run: Run, store: Store, bob: User, charlie: User) -> None:
    hers, third = store("red"), store("red", owner=charlie)
    job = run("hand_over", hers, third, owner=bob.pk)
    assert (job.changed, job.refused) == (1, {"The new owner has the same file already.": 1})
    assert {image.owner for image in Image.objects.all()} == {bob, charlie}


def test_into_the_trash_and_back(run: Run, five: list[Image]) -> None:
    assert run("trash", *five[:3]).changed == 3
    assert (run("restore", *five).changed, Image.objects.kept().count()) == (3, 5)


def test_another_app_may_add_what_can_be_done(
    run: Run, five: list[Image], monkeypatch: pytest.MonkeyPatch, picture: Picture
) -> None:
    def refuse(images: list[int], said: dict[str, Any]) -> Done:
        return Done(images[:1], {"Not this.": len(images) - 1})

    action = JobAction("Frame", ("gallery.change_image",), refuse)
    monkeypatch.setitem(jobs.actions, "frame", action)
    job = run("frame", *five)
    assert (job.changed, job.refused, jobs.label_of(job)) == (1, {"Not this.": 4}, "Frame")

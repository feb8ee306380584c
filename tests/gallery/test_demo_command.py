"""The command that fills a gallery with drawn pictures."""

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from gallery import demonstration
from gallery.models import Album, Image, User, Visibility
from gallery.scenes import SCENES
from search.demonstration import MADE_UP
from search.models import Embedding


def test_it_draws_pictures_of_every_kind_with_their_tag(alice: User) -> None:
    call_command("demo", images=len(SCENES), owner="alice")
    images = Image.objects.owned_by(alice)
    assert {image.tags.get().name for image in images} == set(SCENES)


def test_a_second_run_adds_nothing(alice: User) -> None:
    for _ in range(2):
        call_command("demo", images=2, owner="alice")
    assert Image.objects.count() == 2


def test_an_unknown_owner_is_refused_by_name(db: None) -> None:
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("demo", owner="nobody")


@pytest.fixture
def large(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five drawn pictures and 45 copies of them."""
    monkeypatch.setattr(demonstration, "DRAWN", 5)
    monkeypatch.setattr(demonstration, "CHUNK", 20)
    call_command("demo", images=50, owner="alice")


def test_a_large_one_has_copies_of_several_owners_days_and_visibilities(large: None) -> None:
    copies = Image.objects.filter(file_name__startswith="demo-")
    assert copies.count() == 45
    assert copies.values("sha256").distinct().count() == 45
    assert {image.owner.username for image in copies} == {"alice", *demonstration.PEOPLE}
    assert {image.visibility for image in copies} == set(Visibility.values)
    assert len({image.dated_at.date() for image in copies}) > 20
    assert all(image.tags.count() == 2 for image in copies)
    assert Album.objects.count() > 5


def test_copies_have_files_and_vectors_of_their_own(large: None, alice: User) -> None:
    one, *_ = Image.objects.filter(file_name__startswith="demo-")
    assert all(default_storage.exists(name) for name in one.file_names())
    assert one.embeddings.get().precision == MADE_UP
    assert Embedding.objects.outdated().count() == 45


def test_a_larger_run_adds_what_is_missing(large: None) -> None:
    for _ in range(2):
        call_command("demo", images=60, owner="alice")
    assert Image.objects.count() == 60

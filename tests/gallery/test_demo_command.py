"""The command that fills a gallery with drawn pictures."""

import pytest
from django.core.management import CommandError, call_command

from gallery.models import Image, User
from gallery.scenes import SCENES


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

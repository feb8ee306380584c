"""The command that measures the gallery's pages."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from gallery.models import Image, User


@pytest.fixture(autouse=True)
def collected(settings: Any, tmp_path: Any) -> None:
    settings.STATIC_ROOT = tmp_path / "static"


def test_it_tells_time_bytes_and_queries_of_each_page(
    alice: User, image: Image, embed: Any, capsys: Any
) -> None:
    embed(image)
    call_command("benchmark", "pages", user="alice", rounds=1, json=True)
    figures = json.loads(capsys.readouterr().out)
    assert figures["images"] == 1
    for page in ("grid", "image", "similar"):
        assert figures[page]["bytes"] > 1000
        assert figures[page]["queries"] in range(3, 20)
        assert figures[page]["p50_ms"] > 0


def test_who_sees_nothing_or_is_nobody_is_told(charlie: User) -> None:
    with pytest.raises(CommandError, match="sees no image"):
        call_command("benchmark", "pages", user="charlie")
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("benchmark", "pages", user="nobody")

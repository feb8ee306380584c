"""What the tests of importing share."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from gallery.models import User
from tests.conftest import picture_bytes

Import = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images in two folders, beside things that are none."""
    photos = tmp_path / "photos"
    for name, color in {"cats/a.png": "red", "cats/b.png": "blue", "dogs/c.png": "green"}.items():
        write(photos / name, picture_bytes(color))
    write(photos / "notes.txt", b"no image")
    write(photos / ".hidden.png", picture_bytes("white"))
    write(photos / ".cache/d.png", picture_bytes("black"))
    return photos


@pytest.fixture
def run(alice: User) -> Import:
    """Run the command as a person would and return what it said."""

    def import_images(*arguments: Any, owner: str = "alice") -> str:
        out = StringIO()
        call_command("import_images", *map(str, arguments), owner=owner, stdout=out)
        return out.getvalue().strip()

    return import_images


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path

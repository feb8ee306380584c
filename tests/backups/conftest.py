"""A gallery with something of everything in it, and another, empty one beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from gallery.labels import add_to_album
from gallery.models import Album, CameraFacts, Image, User
from gallery.rendering import render_next
from search.models import Embedding, Encoder, SavedSearch

ROOT = Path(__file__).parents[2]
Store = Callable[..., Image]


def url_of(name: str) -> str:
    """A database on the server of the tests, as another process reaches it."""
    parts = connection.settings_dict
    port = f"&port={parts['PORT']}" if parts["PORT"] else ""
    person = f"{quote(parts['USER'])}:{quote(parts['PASSWORD'])}"
    return f"postgresql://{person}@/{quote(name)}?host={quote(parts['HOST'], safe='')}{port}"


@dataclass(frozen=True)
class Gallery:
    """A gallery of another process."""

    folder: Path
    url: str

    @property
    def media(self) -> Path:
        return self.folder / "media"

    def manage(self, *arguments: Any) -> "subprocess.CompletedProcess[str]":
        environment = {
            **os.environ,
            "VAR_DIR": str(self.folder),
            "DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        command = [sys.executable, "manage.py", *map(str, arguments)]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def empty(transactional_db: None, tmp_path: Path) -> Iterator[Gallery]:
    """An empty database, and a folder with nothing in it."""
    name = f"{connection.settings_dict['NAME']}_empty"
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield Gallery(tmp_path / "other", url_of(name))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def filled(
    transactional_db: None,
    settings: Any,
    store: Store,
    embed: Callable[..., None],
    alice: User,
    bob: User,
    other: Encoder,
) -> list[Image]:
    """Three images with all that a gallery knows of one, one of them in the trash."""
    red, green, blue = (store(color, tags=[color, "plain"]) for color in ("red", "green", "blue"))
    embed(red, green, blue)
    while render_next():
        pass
    red.shared_with.add(bob)
    CameraFacts.objects.create(image=red, camera="Canon EOS R5", latitude=59.9, longitude=10.75)
    Image.objects.filter(pk=green.pk).update(visibility="public", title="Grün – “green”\n\t\\.")
    Image.objects.filter(pk=blue.pk).trash()
    album = Album.objects.create(owner=alice, title="Colours", visibility="members")
    album.shared_with.add(bob)
    for image in (blue, red):
        add_to_album(image, album)
    default_storage.save("queries/asked.jpg", ContentFile(b"a picture"))
    SavedSearch.objects.create(owner=bob, name="Like this", file_name="queries/asked.jpg")
    assert Embedding.objects.exclude(vector=None).count() == 6
    added = Path(settings.ENCODERS_DIR) / "mine"
    added.mkdir(parents=True)
    (added / "manifest.json").write_text(json.dumps({"network": "file"}))
    return list(Image.objects.order_by("pk"))

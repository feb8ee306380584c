"""Imports go one way, and the web process loads nothing that only encoding needs."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as site
from django.db import connection

from gallery.models import ApiToken, Image, User, Visibility
from search import encoders
from search.encoders import manifests
from search.encoders.manifests import Manifest
from search.explaining import explain_next
from search.models import Encoder
from search.why import why_similar
from tests.conftest import picture_bytes

ROOT = Path(__file__).parent.parent
HEAVY = {"tensorflow", "keras"}


def modules_imported_by(path: Path) -> Iterator[str]:
    """Names of all modules that the file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def importers(folder: str, packages: set[str]) -> list[str]:
    """The files below `folder` that import any of `packages`."""
    return [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / folder).rglob("*.py"))
        if {name.partition(".")[0] for name in modules_imported_by(path)} & packages
    ]


def test_gallery_never_imports_search_or_the_site() -> None:
    assert importers("gallery", {"search", "retrieval_site"}) == []


def test_search_never_imports_the_site() -> None:
    assert importers("search", {"retrieval_site"}) == []


def test_network_libraries_are_named_in_one_package() -> None:
    named = [
        path
        for folder in ("gallery", "search", "retrieval_site")
        for path in importers(folder, HEAVY)
    ]
    assert named
    assert all(path.startswith("search/encoders/") for path in named)


def database_url() -> str:
    """The test database, as the process of the test reaches it."""
    parts = connection.settings_dict
    person = f"{quote(parts['USER'])}:{quote(parts['PASSWORD'])}"
    options = f"host={quote(parts['HOST'], safe='')}" + (
        f"&port={parts['PORT']}" if parts["PORT"] else ""
    )
    return f"postgresql://{person}@/{quote(parts['NAME'])}?{options}"


def run_python(*arguments: str, **environment: str) -> Any:
    """What another Python prints as JSON."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


IDENTIFY = """
import json, sys, django
django.setup()
from django.conf import settings
from search import encoders
names = [encoders.identify(name).name for name in [*settings.ENCODERS, "mine"]]
loaded = {name.partition(".")[0] for name in sys.modules} & {"tensorflow", "keras", "numpy"}
print(json.dumps({"names": names, "loaded": sorted(loaded)}))
"""


def test_knowing_the_encoders_loads_none_of_them(tmp_path: Path) -> None:
    base = encoders.identify("compact")
    manifests.write(Manifest("mine", "built-in:compact", "raw", 128, base.dimensions, base.digest))
    told = run_python("-c", IDENTIFY, VAR_DIR=str(tmp_path))
    assert told["names"] == [*site.ENCODERS, "mine"]
    assert told["loaded"] == []


@pytest.mark.django_db(transaction=True)
def test_the_web_process_stays_light(
    store: Callable[..., Image], embed: Callable[..., None], alice: User, tmp_path: Path
) -> None:
    images = [store(color, visibility=Visibility.PUBLIC) for color in ("red", "blue")]
    embed(*images)
    # Its pixels would take 96 MB: the door reads no more than its header.
    photo = tmp_path / "photo.png"
    photo.write_bytes(picture_bytes(size=(8000, 4000)))
    page, api = f"/images/{images[0].pk}/", f"/api/v1/images/{images[0].pk}/"
    why = f"{page}similar/{images[1].pk}/why/"
    why_similar(images[0], images[1], Encoder.objects.get(name="tiny"), alice)
    explain_next()
    told = run_python(
        *("-m", "tests.web_process"),
        ApiToken.issue(alice),
        str(photo),
        *("/", "/sign-in/", "/admin/login/", page, f"{page}file/", f"{page}similar/"),
        *("/api/v1/images/", api, f"{api}similar/", "/api/v1/schema/", why, f"/api/v1{why}"),
        DATABASE_URL=database_url(),
        MEDIA_ROOT=str(site.MEDIA_ROOT),
    )
    assert told["statuses"].pop("upload") == "201 Created"
    assert set(told["statuses"].values()) == {"200 OK"}, told
    assert told["heavy"] == []
    assert told["megabytes"] < 150

"""How much style and script of our own a page brings along."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from gallery.models import Image, User

MOST_BYTES = 100_000
IMPORT = re.compile(r'^import .* from "\./([\w./-]+)";$', re.MULTILINE)


def own_files(page: str) -> set[Path]:
    """The files of ours that the page names, and the modules these import."""
    named = re.findall(r'(?:src|href)="/static/([\w./-]+\.(?:css|js))', page)
    found = {Path(str(finders.find(name))) for name in named if not name.startswith("django_htmx")}
    imported = {
        (path.parent / name).resolve()
        for path in found
        for name in IMPORT.findall(path.read_text())
    }
    return found | imported


@pytest.mark.parametrize(
    "address", ["/", "/upload/", "/images/{}/", "/images/{}/similar/", "/search/", "/albums/"]
)
def test_no_page_brings_more_than_100_kilobytes(
    sign_in: Callable[[User], Client], alice: User, image: Image, address: str
) -> None:
    page = sign_in(alice).get(address.format(image.pk)).content.decode()
    files = own_files(page)
    assert len(files) > 3
    assert sum(path.stat().st_size for path in files) < MOST_BYTES

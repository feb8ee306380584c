"""Weights are fetched once, checked, and never half there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from search.encoders.applications import APPLICATIONS, Application, find
from search.encoders.fetching import WeightsUnavailable, obtain

CONTENT = b"weights" * 100_000
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *message: Any) -> None:
        """Say nothing."""


@pytest.fixture
def published(tmp_path: Path) -> Iterator[str]:
    """The address of a web server that has the file nets/net.h5."""
    (tmp_path / "web" / "nets").mkdir(parents=True)
    (tmp_path / "web" / "nets" / "net.h5").write_bytes(CONTENT)
    handler = partial(QuietHandler, directory=tmp_path / "web")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def net(published: str) -> Application:
    return Application("Net", 32, 4, "nets/net.h5", MD5, source=published)


def test_weights_are_fetched_and_kept(net: Application, tmp_path: Path) -> None:
    path = obtain(net, tmp_path / "net")
    assert path == tmp_path / "net" / "net.h5"
    assert path.read_bytes() == CONTENT


def test_what_is_there_is_not_fetched_again(net: Application, tmp_path: Path) -> None:
    obtain(net, tmp_path / "net")
    (tmp_path / "web" / "nets" / "net.h5").unlink()
    assert obtain(net, tmp_path / "net").exists()


def test_a_sha256_is_checked_as_one(published: str, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    net = Application("Net", 32, 4, "nets/net.h5", sha256, source=published)
    assert obtain(net, tmp_path / "net").exists()


def test_another_file_under_that_address_is_refused(net: Application, tmp_path: Path) -> None:
    (tmp_path / "web" / "nets" / "net.h5").write_bytes(CONTENT[:-1])
    with pytest.raises(WeightsUnavailable, match="is not the file that Keras publishes"):
        obtain(net, tmp_path / "net")
    assert list((tmp_path / "net").iterdir()) == []


def test_without_a_network_it_is_said_what_to_put_where(tmp_path: Path) -> None:
    net = Application("Net", 32, 4, "nets/net.h5", MD5, source="http://127.0.0.1:9")
    with pytest.raises(WeightsUnavailable, match="can't be fetched") as refused:
        obtain(net, tmp_path / "net")
    assert f"Put net.h5 (MD5 {MD5}) from http://127.0.0.1:9/nets/net.h5" in str(refused.value)
    assert "ENCODER_WEIGHTS_DIR" in str(refused.value)


def test_a_missing_file_is_no_weights(net: Application, tmp_path: Path) -> None:
    (tmp_path / "web" / "nets" / "net.h5").unlink()
    with pytest.raises(WeightsUnavailable, match="can't be fetched"):
        obtain(net, tmp_path / "net")


def test_weights_are_taken_from_a_folder_of_this_machine(settings: Any, tmp_path: Path) -> None:
    settings.ENCODER_WEIGHTS_DIR = tmp_path
    (tmp_path / "net.h5").write_bytes(CONTENT)
    net = Application("Net", 32, 4, "nets/net.h5", MD5, source="http://127.0.0.1:9")
    assert obtain(net, tmp_path / "net").read_bytes() == CONTENT


def test_a_damaged_file_in_that_folder_is_named(settings: Any, tmp_path: Path) -> None:
    settings.ENCODER_WEIGHTS_DIR = tmp_path
    (tmp_path / "net.h5").write_bytes(b"half")
    net = Application("Net", 32, 4, "nets/net.h5", MD5, source="http://127.0.0.1:9")
    with pytest.raises(WeightsUnavailable, match=r"net\.h5 is not the file that Keras publishes"):
        obtain(net, tmp_path / "net")


@pytest.mark.parametrize("name", ["EfficientNetV2B0", "EfficientNetV2-B0", "efficientnetv2b0"])
def test_names_are_found_however_they_are_written(name: str) -> None:
    assert find(name) is APPLICATIONS["EfficientNetV2B0"]
    assert find("VGG16") is None


@pytest.mark.parametrize("name", APPLICATIONS)
def test_digests_are_those_of_keras_itself(name: str) -> None:
    from importlib.util import find_spec

    spec = find_spec("keras")
    assert spec is not None
    assert spec.origin is not None
    sources = (Path(spec.origin).parent / "src" / "applications").glob("*.py")
    assert any(APPLICATIONS[name].digest in source.read_text() for source in sources)

"""Added encoders: each has a folder with its files and the manifest that says what they are.

Read without any network library, so that the web process can tell who an encoder is. The manifest
is written last: without one a folder holds no encoder.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from gallery.storage import written_whole
from search.encoders.base import EncoderIdentity
from search.encoders.compact.weights import PREPROCESSING, DamagedWeights

# What may be a folder's name and stand before the @ of NAME@DIGEST.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

FILE = "file"
APPLICATION = "keras.applications"
BUILT_IN = "built-in"
TRAINED = "trained"


@dataclass(frozen=True)
class Manifest:
    """All that an added encoder's vectors depend on."""

    name: str
    # One of the four kinds above, of keras.applications with the function's name after a colon,
    # of a built-in encoder with its name.
    network: str
    # How the network wants its pixels: see `preprocessing.checked`.
    preprocess: str
    input_size: int
    dimensions: int
    # Of a built-in encoder its digest, for it has no file here.
    weights_sha256: str
    weights_file: str = ""
    # Of whitening.npz; empty where vectors stay as they are.
    whitening_sha256: str = ""
    # How an image becomes the pixels in the first place: as this version makes them, whatever the
    # one did that added the encoder.
    pixels: str = PREPROCESSING

    @property
    def folder(self) -> Path:
        return folder_of(self.name)

    @property
    def weights(self) -> Path:
        return self.folder / self.weights_file

    @property
    def whitening(self) -> Path:
        return self.folder / f"whitening-{self.whitening_sha256[:16]}.npz"

    @property
    def base(self) -> str:
        """The built-in encoder whose vectors these are, whitened; empty for the other kinds."""
        kind, _, name = self.network.partition(":")
        return name if kind == BUILT_IN else ""

    @property
    def digest(self) -> str:
        """Hex SHA-256 over everything but the name: it says nothing about the vectors."""
        facts = asdict(self)
        for field in ("name", "weights_file"):
            del facts[field]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    @property
    def identity(self) -> EncoderIdentity:
        return EncoderIdentity(self.name, self.digest, self.dimensions)

    def check_files(self) -> None:
        """Raise DamagedWeights unless the files are those that this speaks of."""
        if self.weights_file:
            _check(self.weights, self.weights_sha256)
        if self.whitening_sha256:
            _check(self.whitening, self.whitening_sha256)


def folder_of(name: str) -> Path:
    """Where the encoder of that name lies, or would."""
    return Path(settings.ENCODERS_DIR) / name


def names() -> list[str]:
    """The names of all that are installed."""
    return [
        path.parent.name for path in sorted(Path(settings.ENCODERS_DIR).glob("*/manifest.json"))
    ]


def read(name: str) -> Manifest:
    """The manifest of the encoder of that name; FileNotFoundError where none is installed."""
    if not NAME.fullmatch(name):
        raise FileNotFoundError(name)
    path = folder_of(name) / "manifest.json"
    try:
        facts = json.loads(path.read_text())
        return Manifest(**{**facts, "name": name, "pixels": PREPROCESSING})
    except (ValueError, TypeError):
        raise DamagedWeights(f"{path} can't be read: {REMEDY}") from None


def write(manifest: Manifest) -> None:
    """Install the encoder whose files lie in its folder already, in one step."""
    manifest.folder.mkdir(parents=True, exist_ok=True)
    with written_whole(manifest.folder / "manifest.json") as partial:
        partial.write_text(json.dumps(asdict(manifest), indent=2) + "\n")


def prune(name: str) -> None:
    """Remove from the folder what its manifest does not speak of; all of it where there is none."""
    folder = folder_of(name)
    try:
        manifest = read(name)
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)
        return
    except DamagedWeights:
        return
    kept = {folder / "manifest.json", manifest.weights, manifest.whitening}
    for path in set(folder.iterdir()) - kept:
        path.unlink()


def forget(identity: EncoderIdentity) -> None:
    """Remove the folder, if this encoder is the one in it: its name may have passed to another."""
    try:
        installed = read(identity.name)
    except (FileNotFoundError, DamagedWeights):
        return
    if installed.digest == identity.digest:
        shutil.rmtree(installed.folder)


def sha256_of(path: Path) -> str:
    """The file's hex SHA-256, computed again only when the file has changed."""
    facts = path.stat()
    return _sha256(path, facts.st_size, facts.st_mtime_ns)


REMEDY = "add the encoder again with `manage.py encoders add`, or restore its folder."


def _check(path: Path, sha256: str) -> None:
    if not path.exists():
        raise DamagedWeights(f"{path} is missing: {REMEDY}")
    if sha256_of(path) != sha256:
        raise DamagedWeights(f"{path} is not what manifest.json beside it describes: {REMEDY}")


@cache
def _sha256(path: Path, size: int, changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

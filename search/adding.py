"""Adding an encoder: install it, know it, and have it filled beside the one that answers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gallery.bell import ring_on_commit
from gallery.models import Image
from search import encoders
from search.catalogue import register
from search.encoders import installing, manifests
from search.encoders.base import EncoderIdentity
from search.encoders.manifests import Manifest
from search.encoders.whitening import MOST_DIMENSIONS as MOST_WHITENED
from search.evaluation import Labelled, Progress, encode_files
from search.models import Encoder
from search.requesting import request_missing
from search.tasks import embed_pending
from search.turns import turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A row of Embedding must fit a page of PostgreSQL's, 8 KB, for its vector is stored plain.
MOST_DIMENSIONS = 3900
SAMPLE = 5000
# Fewer vectors than this for each axis say little about it.
IMAGES_AN_AXIS = 2


class CannotAdd(Exception):
    """The encoder can't be added; the message says why, and what to do."""


@dataclass(frozen=True)
class Whitening:
    """PCA of the gallery's own vectors to so many dimensions."""

    dimensions: int
    progress: Progress = iter


@turn()
def add(name: str, prepare: Callable[[], Manifest], whitening: Whitening | None = None) -> Encoder:
    """Install what `prepare` puts into the folder of that name, and have it filled.

    Safe to run twice: what is there stays, its whitening too. Where another encoder has the name,
    that one's vectors stay apart and answer as before. After Ctrl-C the next run finds what this
    one has fetched. Raises CannotAdd, NotFilled, NotYourTurn and what `prepare` raises.
    """
    if encoders.is_built_in(name):
        raise CannotAdd(f"The encoder {name!r} is built in: choose another --name.")
    if whitening:
        check_images(whitening.dimensions)
    try:
        manifest = prepare()
        if whitening:
            manifest = whitened(manifest, whitening)
        if manifest.dimensions > MOST_DIMENSIONS:
            raise CannotAdd(
                f"Its vectors have {manifest.dimensions} numbers, and {MOST_DIMENSIONS} is the most"
                f" that can be kept: --whiten {MOST_WHITENED} makes them shorter."
            )
        installing.try_out(manifest)
        manifests.write(manifest)
    except Exception:
        manifests.prune(name)
        raise
    manifests.prune(name)
    return take_up(manifest.identity)


@turn()
def take_up(identity: EncoderIdentity) -> Encoder:
    """Know the encoder, note the work for every image and ring for the workers.

    Raises NotFilled where it is being removed, and NotYourTurn.
    """
    encoder = register(identity)
    request_missing(encoder)
    ring_on_commit(embed_pending)
    return encoder


def check_images(dimensions: int) -> None:
    """Before anything is fetched: are there images enough to whiten from?"""
    if not 1 <= dimensions <= MOST_WHITENED:
        raise CannotAdd(f"Whitening makes 1 to {MOST_WHITENED} dimensions, not {dimensions}.")
    refuse_too_few(Image.objects.kept().count(), dimensions)


def whitened(manifest: Manifest, whitening: Whitening) -> Manifest:
    """`manifest` with the whitening that is installed already, or with one fitted now."""
    if whitening.dimensions > manifest.dimensions:
        raise CannotAdd(
            f"Its vectors have {manifest.dimensions} numbers: they can't be whitened to"
            f" {whitening.dimensions}."
        )
    if (found := installed(manifest.name)) is not None and installing.is_whitened_to(
        found, manifest, whitening.dimensions
    ):
        return found
    vectors = sample_vectors(installing.loaded(manifest), whitening.progress)
    refuse_too_few(len(vectors), whitening.dimensions)
    return installing.with_whitening(manifest, vectors, whitening.dimensions)


def installed(name: str) -> Manifest | None:
    """The manifest of a whole encoder of that name."""
    try:
        manifest = manifests.read(name)
        manifest.check_files()
    except (FileNotFoundError, encoders.DamagedWeights):
        return None
    return manifest


def sample_vectors(network: encoders.Encoder, progress: Progress) -> "NDArray[np.float32]":
    """The network's vectors (n, d) of images taken at random, 5000 at most."""
    images = Image.objects.kept().order_by("?")[:SAMPLE]
    files = [Labelled(Path(image.file.path), "") for image in images]
    _, vectors, _ = encode_files(progress(files), network)
    return vectors


def refuse_too_few(images: int, dimensions: int) -> None:
    if images < IMAGES_AN_AXIS * dimensions:
        raise CannotAdd(
            f"Whitening to {dimensions} dimensions needs {IMAGES_AN_AXIS * dimensions} images,"
            f" and the gallery has {images}. Add images first, or whiten to fewer."
        )

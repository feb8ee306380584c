"""Putting an encoder's files into its folder. It is installed once its manifest is written."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from gallery.storage import written_whole
from search.encoders import manifests, whitening
from search.encoders.fetching import Progress, obtain, quietly
from search.encoders.installed import InstalledEncoder
from search.encoders.manifests import BUILT_IN, FILE, TRAINED, Manifest
from search.encoders.registry import load

if TYPE_CHECKING:
    from pathlib import Path

    import keras
    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.applications import Application
    from search.encoders.base import Encoder

USUAL_INPUT_SIZE = 224


def from_application(name: str, application: Application, progress: Progress = quietly) -> Manifest:
    """A network of keras.applications with its weights; raises WeightsUnavailable."""
    weights = obtain(application, manifests.folder_of(name), progress)
    return Manifest(
        name=name,
        network=application.network,
        preprocess=application.preprocess,
        input_size=application.input_size,
        dimensions=application.dimensions,
        weights_sha256=manifests.sha256_of(weights),
        weights_file=weights.name,
    )


def from_file(name: str, path: Path, preprocess: str, input_size: int | None = None) -> Manifest:
    """A Keras network of one's own; raises UnusableNetwork.

    Without `input_size` it sees pictures of the size it was made for, or of 224 pixels a side.
    """
    from search.encoders.networks import assembled, input_size_of, read_file

    network = read_file(path)
    size = input_size or input_size_of(network) or USUAL_INPUT_SIZE
    dimensions = assembled(network, preprocess, size).outputs[0].shape[1]
    sha256 = manifests.sha256_of(path)
    manifest = Manifest(
        name=name,
        network=FILE,
        preprocess=preprocess,
        input_size=size,
        dimensions=dimensions,
        weights_sha256=sha256,
        weights_file=f"{sha256[:16]}{path.suffix}",
    )
    manifest.folder.mkdir(parents=True, exist_ok=True)
    with written_whole(manifest.weights) as partial:
        shutil.copyfile(path, partial)
    return manifest


def from_built_in(name: str, base: str) -> Manifest:
    """The network of a built-in encoder, to be whitened; raises UnusableNetwork."""
    encoder = load(base)
    return Manifest(
        name=name,
        network=f"{BUILT_IN}:{base}",
        preprocess="raw",
        input_size=encoder.input_size,
        dimensions=encoder.dimensions,
        weights_sha256=encoder.digest,
    )


def from_training(name: str, file: str, model: keras.Model) -> Manifest:
    """A network trained here, written to `file`; raises OSError where there is no space for it."""
    path = manifests.folder_of(name) / file
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    return Manifest(
        name=name,
        network=TRAINED,
        preprocess="raw",
        input_size=model.input.shape[1],
        dimensions=model.output.shape[1],
        weights_sha256=manifests.sha256_of(path),
        weights_file=file,
    )


def installed_from(name: str, file: str) -> Manifest | None:
    """The encoder of that name, if it is the one whose weights are in `file`."""
    try:
        found = manifests.read(name)
    except FileNotFoundError:
        return None
    return found if found.weights_file == file else None


def loaded(manifest: Manifest) -> Encoder:
    """The encoder whose files lie in its folder, though it is not installed yet."""
    return InstalledEncoder(manifest)


def try_out(manifest: Manifest) -> None:
    """Encode a grey picture with what is about to be installed; raises UnusableNetwork."""
    import numpy as np
    from PIL import Image

    from search.encoders.networks import UnusableNetwork

    grey = Image.new("RGB", (manifest.input_size, manifest.input_size), "grey")
    try:
        vectors = loaded(manifest).encode([grey])
    # Keras and TensorFlow raise whatever a network leads to that they can't freeze.
    except Exception as error:
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UnusableNetwork(f"The network can't be made ready to encode: {reason}") from error
    if not np.isfinite(vectors).all():
        raise UnusableNetwork("The network makes no finite vector of a plain grey picture.")


def with_whitening(manifest: Manifest, vectors: NDArray[np.float32], dimensions: int) -> Manifest:
    """The same network, whitened for vectors like these, which it made."""
    content = whitening.packed(*whitening.fit(vectors, dimensions))
    made = replace(
        manifest,
        dimensions=dimensions,
        whitening_sha256=hashlib.sha256(content).hexdigest(),
    )
    made.folder.mkdir(parents=True, exist_ok=True)
    with written_whole(made.whitening) as partial:
        partial.write_bytes(content)
    return made


def is_whitened_to(found: Manifest, manifest: Manifest, dimensions: int) -> bool:
    """Whether `found` is the network of `manifest`, whitened to so many dimensions already."""
    bare = replace(found, dimensions=manifest.dimensions, whitening_sha256="")
    return bare == manifest and bool(found.whitening_sha256) and found.dimensions == dimensions

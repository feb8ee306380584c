"""The shipped weights of `compact`: their file, their digest and what is known of them.

The manifest can be read without any network library, so the web process asks it who `compact`
is; loading the weights checks that they are the ones the manifest speaks of.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.encoders.compact import network

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

FOLDER = Path(__file__).parent
# Says how an image becomes the network's pixels; it changes with `pictures.square_pixels`.
PREPROCESSING = "rgb-on-white/squeezed/bilinear/not-rounded"


class DamagedWeights(Exception):
    """The weights are not those that the manifest speaks of; the message says what to do."""


@dataclass(frozen=True)
class Manifest:
    """Who the shipped network is, how it was trained, and how good it was found to be."""

    digest: str
    input_size: int
    dimensions: int = network.DIMENSIONS
    architecture: str = network.ARCHITECTURE
    preprocessing: str = PREPROCESSING
    training: dict[str, Any] = field(default_factory=dict)
    figures: list[dict[str, Any]] = field(default_factory=list)


def read_manifest(folder: Path = FOLDER) -> Manifest:
    """The manifest in `folder`."""
    return Manifest(**json.loads((folder / "manifest.json").read_text()))


def write_manifest(manifest: Manifest, folder: Path = FOLDER) -> None:
    """Write the manifest for people to read and for git to compare."""
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=2) + "\n")


def digest_of(weights: bytes, input_size: int) -> str:
    """Hex SHA-256 over all that a vector depends on: weights, network, preprocessing, sizes."""
    parts = [network.ARCHITECTURE, PREPROCESSING, input_size, network.DIMENSIONS]
    return hashlib.sha256(json.dumps(parts).encode() + weights).hexdigest()


def write_weights(
    arrays: Iterable[NDArray[np.float32]], input_size: int, folder: Path = FOLDER
) -> str:
    """Write the arrays at half precision and return the new digest."""
    import numpy as np

    packed = io.BytesIO()
    # After few steps a weight may be larger than any that fits.
    most = np.finfo(np.float16).max
    clipped = [np.clip(array, -most, most) for array in arrays]
    halves = {f"{i:03d}": array.astype(np.float16) for i, array in enumerate(clipped)}
    np.savez(packed, allow_pickle=False, **halves)
    (folder / "weights.npz").write_bytes(packed.getvalue())
    return digest_of(packed.getvalue(), input_size)


def read_weights(manifest: Manifest, folder: Path = FOLDER) -> list[NDArray[np.float32]]:
    """The arrays in the network's own order; DamagedWeights if they are not the manifest's."""
    import numpy as np

    content = (folder / "weights.npz").read_bytes()
    if digest_of(content, manifest.input_size) != manifest.digest:
        raise DamagedWeights(
            f"{folder / 'weights.npz'} is not what manifest.json beside it describes: restore both"
            " from the repository, or write them anew with script/train-compact DATA --export."
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return [arrays[name].astype(np.float32) for name in sorted(arrays.files)]

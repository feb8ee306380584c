"""Whitening: the principal axes of a gallery's own vectors, each stretched to the same length.

Jégou and Chum, "Negative evidences and co-occurences in image retrieval: the benefit of PCA and
whitening" (2012).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Linear = tuple[NDArray[np.float32], NDArray[np.float32]]

MOST_DIMENSIONS = 512
# No axis is stretched more than this against the first: what is left there is noise.
MOST_STRETCH = 100.0


class PrincipalAxes(NamedTuple):
    """Mean (d,), and the k axes of most variance: their variances (k,) and directions (d, k)."""

    mean: NDArray[np.float64]
    variances: NDArray[np.float64]
    directions: NDArray[np.float64]


def principal_axes(vectors: NDArray[np.floating[Any]], count: int) -> PrincipalAxes:
    """The first `count` principal axes of vectors (n, d), the one of most variance first."""
    import numpy as np

    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(vectors))
    # From the largest variance down; eigh goes the other way.
    variances, directions = variances[::-1][:count], directions[:, ::-1][:, :count]
    # An axis may point either way; this way it is the same in every run.
    largest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[largest, np.arange(directions.shape[1])])
    return PrincipalAxes(mean, variances, directions * signs)


def fit(vectors: NDArray[np.float32], dimensions: int) -> Linear:
    """Kernel (d, dimensions) and bias (dimensions,) that whiten vectors (n, d) like these."""
    import numpy as np

    mean, variances, directions = principal_axes(vectors, dimensions)
    deviations = np.sqrt(np.maximum(variances, 1e-12))
    kernel = directions / np.maximum(deviations, deviations[0] / MOST_STRETCH)
    return kernel.astype(np.float32), (-mean @ kernel).astype(np.float32)


def packed(kernel: NDArray[np.float32], bias: NDArray[np.float32]) -> bytes:
    """The content of a whitening file."""
    import numpy as np

    out = io.BytesIO()
    np.savez(out, allow_pickle=False, kernel=kernel, bias=bias)
    return out.getvalue()


def read(path: Path) -> Linear:
    """Kernel and bias from a whitening file."""
    import numpy as np

    with np.load(path, allow_pickle=False) as arrays:
        return arrays["kernel"], arrays["bias"]

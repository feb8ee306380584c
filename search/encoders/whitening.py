"""Whitening: the principal axes of a gallery's own vectors, each stretched to the same length.

Jégou and Chum, "Negative evidences and co-occurences in image retrieval: the benefit of PCA and
whitening" (2012).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Linear = tuple[NDArray[np.float32], NDArray[np.float32]]

MOST_DIMENSIONS = 512
# No axis is stretched more than this against the first: what is left there is noise.
MOST_STRETCH = 100.0


def fit(vectors: NDArray[np.float32], dimensions: int) -> Linear:
    """Kernel (d, dimensions) and bias (dimensions,) that whiten vectors (n, d) like these."""
    import numpy as np

    mean = vectors.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(np.cov(vectors, rowvar=False, dtype=np.float64))
    # From the largest variance down; eigh goes the other way.
    variances, axes = variances[::-1][:dimensions], axes[:, ::-1][:, :dimensions]
    deviations = np.sqrt(np.maximum(variances, 1e-12))
    kernel = axes / np.maximum(deviations, deviations[0] / MOST_STRETCH)
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

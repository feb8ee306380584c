"""A rotation of features onto fewer axes, half whitened.

Without any whitening a few axes hold most of the length; with the whole of it noise counts as much
as they.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.encoders.compact.network import DIMENSIONS
from search.encoders.whitening import principal_axes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WHITENING = 0.5


@dataclass(frozen=True)
class Projection:
    """Centre (n,) and axes (n, DIMENSIONS) that centre features, turn and half whiten them."""

    centre: NDArray[np.float32]
    axes: NDArray[np.float32]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """What (…, DIMENSIONS), not yet of unit length, becomes of features (…, n)."""
        import numpy as np

        return np.asarray((features - self.centre) @ self.axes, np.float32)


def fit_projection(features: NDArray[np.float32]) -> Projection:
    """Principal axes of `features`, each divided by its deviation to the power of WHITENING."""
    import numpy as np

    centre, variances, directions = principal_axes(features, DIMENSIONS)
    # Fewer pictures than axes leave some without any variance.
    scaled = directions / variances.clip(min=variances[0] * 1e-6) ** (WHITENING / 2)
    return Projection(centre.astype(np.float32), scaled.astype(np.float32))

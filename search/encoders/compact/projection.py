"""A rotation of features onto fewer axes, partly whitened.

Without any whitening a few axes hold most of the length; with the whole of it noise counts as much
as they. Where it is known which pictures show the same kind of thing, what makes these differ
counts less than what tells kinds apart: Mikolajczyk and Matas, "Improving descriptors for fast tree
matching by optimal linear projection" (2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from search.encoders.whitening import principal_axes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The powers of deviations that axes are divided by: of all pictures, where no class is known,
WHITENING = 0.5
# and of pictures of one class.
WHITENING_WITHIN = 0.5
# Variances smaller than this share of the largest are of too few pictures to be believed.
LEAST_VARIANCE = 1e-6


@dataclass(frozen=True)
class Projection:
    """Centre (n,) and axes (n, d) that centre features, turn and partly whiten them."""

    centre: NDArray[np.float32]
    axes: NDArray[np.float32]

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """What (…, d), not yet of unit length, becomes of features (…, n)."""
        import numpy as np

        return np.asarray((features - self.centre) @ self.axes, np.float32)


def fit_projection(features: NDArray[np.float32], count: int) -> Projection:
    """`count` principal axes of `features`, divided by deviations to the power of WHITENING."""
    import numpy as np

    centre, axes = _whitened(features, WHITENING, count)
    return Projection(centre.astype(np.float32), axes.astype(np.float32))


def fit_projection_of_classes(
    features: NDArray[np.float32], classes: NDArray[np.str_], count: int
) -> Projection:
    """Whitened by what differs within `classes` (n,), and turned onto `count` principal axes."""
    import numpy as np

    residuals = features.astype(np.float64)
    for name in np.unique(classes):
        residuals[classes == name] -= residuals[classes == name].mean(axis=0)
    _, within = _whitened(residuals, WHITENING_WITHIN, features.shape[1])
    centre = features.mean(axis=0, dtype=np.float64)
    turned = principal_axes((features - centre) @ within, count).directions
    return Projection(centre.astype(np.float32), (within @ turned).astype(np.float32))


def _whitened(
    features: NDArray[np.floating[Any]], power: float, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean, and the first `count` principal axes divided by their deviations to that power."""
    centre, variances, directions = principal_axes(features, count)
    deviations = variances.clip(min=variances[0] * LEAST_VARIANCE) ** 0.5
    return centre, directions / deviations**power

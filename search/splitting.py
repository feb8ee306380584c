"""Images in three parts, one to learn from and two to be asked about, copies always together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from search.models.scales import ALIKE, ALIKE_PAIRS
from search.rankings import distance_blocks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Part(StrEnum):
    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


# Of the images of each class, less its largest group; the rest is to learn from.
SHARES = {Part.TEST: 0.15, Part.VALIDATION: 0.15}
Shares = Mapping[Part, float]
# All pairs of so many images tell that distance.
SAMPLE = 500
# Squared distances of unit vectors that are equal differ from 0 by less.
ROUNDING = 1e-9


def split(
    keys: Sequence[int],
    strata: Sequence[int],
    groups: Sequence[int],
    seed: int,
    shares: Shares = SHARES,
) -> list[Part]:
    """The part of each image: of every stratum `shares` of its images, and of each group all.

    A group counts for the stratum of its first image. Their order is that of digests of `seed` and
    the first image's key, so an image that comes or goes moves few others, and these to the next
    part: from test to validation, from validation to train. A stratum of one group is to learn
    from, and one of two has nothing to validate.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for index, number in enumerate(groups):
        members[number].append(index)
    of_stratum: dict[int, list[list[int]]] = defaultdict(list)
    for group in members.values():
        of_stratum[strata[group[0]]].append(group)
    parts = [Part.TRAIN] * len(keys)
    for stratum in of_stratum.values():
        stratum.sort(key=lambda group: _digest(seed, keys[group[0]]))
        for group, part in zip(stratum, _parts_of(list(map(len, stratum)), shares), strict=True):
            for index in group:
                parts[index] = part
    return parts


def _digest(seed: int, key: int) -> bytes:
    return sha256(f"{seed} {key}".encode()).digest()


def _parts_of(sizes: Sequence[int], shares: Shares) -> list[Part]:
    """The part of each of a stratum's groups, in order; the largest is to learn from."""
    largest = max(range(len(sizes)), key=lambda place: (sizes[place], place))
    others = sum(sizes) - sizes[largest]
    missing = {part: max(1, round(share * others)) for part, share in shares.items()}
    parts = []
    for place, size in enumerate(sizes):
        short = [part for part in missing if missing[part] > 0 and place != largest]
        part = short[0] if short else Part.TRAIN
        if short:
            missing[part] -= size
        parts.append(part)
    return parts


def groups_of_equals(digests: Sequence[str]) -> NDArray[np.int64]:
    """For each image the index of the first one with its digest, (n,)."""
    import numpy as np

    firsts: dict[str, int] = {}
    return np.array([firsts.setdefault(one, place) for place, one in enumerate(digests)], np.int64)


def with_near_identical(
    groups: NDArray[np.int64], places: NDArray[np.intp], vectors: NDArray[np.float32]
) -> NDArray[np.int64]:
    """`groups` (n,), those joined that hold images near each other: connected components.

    `vectors` (m, d) are those of the images at `places` (m,).
    """
    import numpy as np

    groups = groups.copy()
    limit = alike_within(vectors) ** 2 + ROUNDING
    for _, distances in distance_blocks(vectors, vectors):
        for near in distances <= limit:
            joined = np.unique(groups[places[near]])
            if len(joined) > 1:
                groups[np.isin(groups, joined)] = joined[0]
    return groups


def alike_within(vectors: NDArray[np.float32]) -> float:
    """The distance within which two of `vectors` (n, d) are of near-identical images."""
    import numpy as np

    sample = vectors[:: max(1, len(vectors) // SAMPLE)][:SAMPLE]
    if len(sample) < 2:
        return 0.0
    squared = np.concatenate([distances for _, distances in distance_blocks(sample, sample)])
    pairs = np.sqrt(squared[np.triu_indices(len(sample), 1)])
    return ALIKE * float(np.quantile(pairs, ALIKE_PAIRS))

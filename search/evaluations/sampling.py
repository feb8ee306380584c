"""A few of an evaluation's queries with the first of their results, to be looked at."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from search.measuring import relevance
from search.rankings import rankings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from search.gallery_evaluation import Trial
    from search.marks_evaluation import MarksTrial
    from search.measuring import LabelledVectors

QUERIES = 12
RESULTS = 10


def sample_queries(trial: Trial, seed: int) -> list[dict[str, Any]]:
    """Queries of all classes in turn, the same for every encoder, with their nearest.

    Each is `{"image": pk, "classes": […], "results": [{"image", "classes", "right"}, …]}`.
    """
    import numpy as np

    places = np.array(chosen_places(trial, seed), np.intp)
    asked = trial.asking.vectors[places]
    answering = trial.answering or trial.asking
    samples = []
    for rows, order in rankings(asked, answering.vectors):
        found = relevance(trial.asking.members[places[rows]], answering.members, order)
        samples += [
            told(trial, place, nearest, right)
            for place, nearest, right in zip(places[rows].tolist(), order, found, strict=True)
            if right.any()
        ]
    return samples


def chosen_places(trial: Trial, seed: int) -> list[int]:
    """Which of those that ask: in the order of digests, of each class the first before a second."""
    taken: dict[int, int] = {}
    turns = []
    for place in sorted(range(len(trial.asking)), key=lambda one: digest(seed, trial, one)):
        number = int(trial.asking.numbers[place])
        taken[number] = taken.get(number, 0) + 1
        turns.append((taken[number], place))
    return [place for _, place in sorted(turns, key=lambda turn: turn[0])[:QUERIES]]


def digest(seed: int, trial: Trial, place: int) -> bytes:
    return sha256(f"{seed} {trial.asking_keys[place]}".encode()).digest()


def told(
    trial: Trial, place: int, nearest: NDArray[np.intp], right: NDArray[np.bool_]
) -> dict[str, Any]:
    answering = trial.answering or trial.asking
    itself = place if trial.answering is None else -1
    results = [
        {
            "image": trial.answering_keys[one],
            "classes": classes_of(answering, one),
            "right": bool(is_right),
        }
        for one, is_right in zip(nearest[: RESULTS + 1].tolist(), right, strict=False)
        if one != itself
    ]
    return {
        "image": trial.asking_keys[place],
        "classes": classes_of(trial.asking, place),
        "results": results[:RESULTS],
    }


def classes_of(vectors: LabelledVectors, place: int) -> list[str]:
    return [
        name for name, held in zip(vectors.classes, vectors.members[place], strict=True) if held
    ]


def digest_of_queries(trial: Trial) -> str:
    """The same where the same images, of the same classes, ask the same ones.

    Two encoders' figures of such queries are paired.
    """
    hashed = sha256("\n".join(trial.asking.classes).encode())
    for keys in (trial.asking_keys, trial.answering_keys):
        hashed.update(f"|{','.join(map(str, keys))}".encode())
    hashed.update(trial.asking.members.tobytes())
    return hashed.hexdigest()


def sample_marked(trial: MarksTrial, seed: int) -> list[dict[str, Any]]:
    """Queries by marks, in the order of digests, with the nearest of what was marked."""
    chosen = sorted(trial.asking, key=lambda one: sha256(f"{seed} {one.image}".encode()).digest())
    return [
        {
            "image": one.image,
            "classes": [],
            "results": [
                {"image": result, "classes": [], "right": bool(right)}
                for result, right in zip(one.results[:RESULTS], one.found, strict=False)
            ],
        }
        for one in chosen[:QUERIES]
    ]


def digest_of_marked(trial: MarksTrial) -> str:
    """The same where the same results of the same images are marked the same."""
    pairs = sorted(
        (one.image, result, bool(right))
        for one in trial.asking
        for result, right in zip(one.results, one.found, strict=True)
    )
    return sha256(repr(pairs).encode()).hexdigest()

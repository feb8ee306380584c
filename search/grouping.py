"""Near-identical results: of the shots of one burst, or copies of one picture, one stands for all.

What is near-identical is told by the vectors of the results themselves: two that are as far from
what is asked for may be nothing alike.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeVar

from django.db import connection

from search.similarity import Neighbour

Key = TypeVar("Key")

PAIRS = """
    SELECT a.id, b.id
    FROM search_embedding a JOIN search_embedding b ON a.id < b.id
    WHERE a.id = ANY(%(ids)s) AND b.id = ANY(%(ids)s) AND a.vector <-> b.vector <= %(within)s
"""


def grouped(keys: Iterable[Key], pairs: Iterable[tuple[Key, Key]]) -> dict[Key, list[Key]]:
    """Each key that stands for itself, with those it also stands for, in the order of `keys`.

    The first stands for all it is paired with, and so on with the rest: what a chain of pairs
    joins is not one group.
    """
    partners: dict[Key, set[Key]] = {}
    for one, other in pairs:
        partners.setdefault(one, set()).add(other)
        partners.setdefault(other, set()).add(one)
    groups: dict[Key, list[Key]] = {}
    leaders: dict[Key, Key] = {}
    for key in keys:
        leader = leaders.get(key, key)
        groups.setdefault(leader, []).append(key)
        if leader == key:
            for partner in partners.get(key, ()):
                leaders.setdefault(partner, key)
    return {leader: members[1:] for leader, members in groups.items()}


def near_pairs(embeddings: Collection[int], within: float) -> list[tuple[int, int]]:
    """Those pairs of `embeddings`, by primary key, whose vectors are no farther apart."""
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, {"ids": list(embeddings), "within": within})
        pairs: list[tuple[int, int]] = cursor.fetchall()
    return pairs


def group(results: Sequence[Neighbour], within: float) -> list[Neighbour]:
    """Those of `results`, nearest first, that stand for the rest, each with these as `alike`."""
    known = {found.embedding: found for found in results}
    groups = grouped(known, near_pairs(known, within))
    for leader, members in groups.items():
        known[leader].alike = [known[member] for member in members]
    return [known[leader] for leader in groups]

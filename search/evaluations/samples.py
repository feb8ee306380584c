"""The sample queries of evaluations with their results, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gallery.models import Image
from gallery.models.images import Person


class Asked(Protocol):
    """What has sample queries, as `search.evaluations.sampling` tells them."""

    @property
    def queries(self) -> Any: ...


@dataclass(frozen=True)
class Result:
    image: Image
    classes: list[str]
    is_right: bool


@dataclass(frozen=True)
class Side:
    """What one encoder found."""

    name: str
    results: list[Result]

    @property
    def right(self) -> int:
        return sum(result.is_right for result in self.results)


@dataclass(frozen=True)
class Sample:
    """An image that asked, and what each of the encoders found."""

    image: Image
    classes: list[str]
    sides: list[Side]


def samples_for(user: Person, evaluations: Sequence[Asked], names: Sequence[str]) -> list[Sample]:
    """The queries that all of them have in common, without any image `user` may not see."""
    asked = [{query["image"]: query for query in one.queries or []} for one in evaluations]
    common = [pk for pk in asked[0] if all(pk in queries for queries in asked)]
    shown = {
        result["image"] for queries in asked for pk in common for result in queries[pk]["results"]
    }
    seen = Image.objects.visible_to(user).for_tiles().in_bulk([*shown, *common])
    return [
        Sample(
            seen[pk],
            asked[0][pk]["classes"],
            [
                Side(name, results_of(queries[pk], seen))
                for name, queries in zip(names, asked, strict=True)
            ],
        )
        for pk in common
        if pk in seen
    ]


def results_of(query: dict[str, Any], seen: dict[int, Image]) -> list[Result]:
    return [
        Result(seen[found["image"]], found["classes"], found["right"])
        for found in query["results"]
        if found["image"] in seen
    ]

"""What can be wrong with a gallery, and who looks for it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

# Hears of how many things were looked at.
Progress = Callable[[int], object]


def ignore(count: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Kind:
    """One way in which something is not as it should be."""

    name: str
    # With %(count)s in it, from ngettext_lazy.
    text: Promise
    # What a person can do about it; or, where there is a repair, what that does.
    remedy: Promise
    # Takes the keys of some defects. It must be safe, and never delete what somebody uploaded.
    repair: Callable[[Sequence[Any]], object] | None = None

    def told(self, count: int) -> str:
        return str(self.text % {"count": count})


@dataclass(frozen=True)
class Defect:
    """One thing that is not as it should be."""

    kind: Kind
    # As a person is told which one it is.
    which: str
    # What the kind's repair takes.
    key: Any = None


@dataclass(frozen=True)
class Check:
    """A part of the gallery: how many things it has, and which are not as they should be."""

    name: str
    count: Callable[[], int]
    find: Callable[[Progress], Iterator[Defect]]


_registered: dict[str, Check] = {}


def register(*checks: Check) -> None:
    """Have these run with every check of the gallery; registering one twice runs it once."""
    _registered.update({check.name: check for check in checks})


def registered() -> list[Check]:
    return list(_registered.values())

"""Running all checks, repairing what is safe to repair, and keeping what was found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from django.db import transaction
from django.utils import timezone

from gallery import locks
from gallery.integrity.defects import Check, Defect, Kind, Progress, ignore, registered
from gallery.integrity.originals import ORIGINALS
from gallery.integrity.renditions import RENDITIONS
from gallery.integrity.strays import STRAYS
from gallery.models import Image, IntegrityCheck

OWN = (ORIGINALS, RENDITIONS, STRAYS)
REPAIRED_AT_ONCE = 500
# How many of a kind are named; the others are only counted.
NAMED = 100

# Wraps the work of one check, and gives what hears of its progress.
Watch = Callable[[Check], Progress]


class AlreadyRunning(Exception):
    """Somebody else is looking through this gallery."""


@dataclass
class Finding:
    """The defects of one kind."""

    kind: Kind
    is_repairing: bool
    count: int = 0
    repaired: int = 0
    which: list[str] = field(default_factory=list)
    keys: list[Any] = field(default_factory=list)

    def add(self, defect: Defect) -> None:
        self.count += 1
        if len(self.which) < NAMED:
            self.which.append(defect.which)
        if self.is_repairing and self.kind.repair:
            self.keys.append(defect.key)
            if len(self.keys) == REPAIRED_AT_ONCE:
                self.repair()

    def repair(self) -> None:
        if self.keys and self.kind.repair:
            self.kind.repair(self.keys)
            self.repaired += len(self.keys)
            self.keys = []

    def facts(self) -> dict[str, Any]:
        return {
            "kind": self.kind.name,
            "text": self.kind.told(self.count),
            "remedy": str(self.kind.remedy),
            "count": self.count,
            "repaired": self.repaired,
            "which": self.which,
        }


def unwatched(check: Check) -> Progress:
    return ignore


def check_gallery(*, repair: bool = False, watch: Watch = unwatched) -> IntegrityCheck:
    """Look through everything, and keep what was found. Raises AlreadyRunning."""
    with locks.alone(locks.CHECKING) as alone:
        if not alone:
            raise AlreadyRunning
        started_at, start = timezone.now(), monotonic()
        images = Image.objects.count()
        found = findings([*OWN, *registered()], repair=repair, watch=watch)
        facts = [finding.facts() for finding in found]
        return keep(
            IntegrityCheck(
                started_at=started_at,
                seconds=round(monotonic() - start, 3),
                images=images,
                findings=facts,
            )
        )


def findings(checks: Iterable[Check], *, repair: bool, watch: Watch) -> list[Finding]:
    found: dict[str, Finding] = {}
    for check in checks:
        for defect in check.find(watch(check)):
            kind = defect.kind
            found.setdefault(kind.name, Finding(kind, repair)).add(defect)
        for finding in found.values():
            finding.repair()
    return list(found.values())


def keep(check: IntegrityCheck) -> IntegrityCheck:
    with transaction.atomic():
        check.save()
        IntegrityCheck.objects.exclude(pk=check.pk).delete()
    return check

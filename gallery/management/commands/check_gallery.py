"""`manage.py check_gallery [--repair]`: do rows, files, renditions and vectors still agree?"""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from gallery.integrity.checking import AlreadyRunning, check_gallery
from gallery.integrity.defects import Check, Progress
from gallery.models import IntegrityCheck

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Look for rows without files, files without rows, changed bytes, and renditions or vectors"
        " that are missing or left over. Every original is read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="make again what is missing, remove what is left over; no image is ever deleted",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        try:
            with bars() as watch:
                check = check_gallery(repair=options["repair"], watch=watch)
        except AlreadyRunning:
            raise CommandError("Another check is running: wait until it is through.") from None
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted: nothing is known of the rest.", returncode=130
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(facts(check), indent=2))
        else:
            self.tell(check)
        if check.left:
            raise CommandError(f"{check.left} left to see to.")

    def tell(self, check: IntegrityCheck) -> None:
        for finding in check.findings:
            self.stdout.write(f"{finding['text']} {outcome(finding)}")
            for which in finding["which"][:SHOWN]:
                self.stdout.write(f"  {which}")
            if (more := finding["count"] - SHOWN) > 0:
                self.stdout.write(f"  and {more} more")
        verdict = "" if check.findings else " All is well."
        self.stdout.write(f"{check.images} images checked in {check.seconds:.1f} s.{verdict}")


def outcome(finding: dict[str, Any]) -> str:
    if finding["repaired"] == finding["count"]:
        return "Repaired."
    return str(finding["remedy"])


def facts(check: IntegrityCheck) -> dict[str, Any]:
    return {
        "started_at": check.started_at.isoformat(),
        "seconds": check.seconds,
        "images": check.images,
        "left": check.left,
        "findings": check.findings,
    }


@contextmanager
def bars() -> Iterator[Any]:
    """On a terminal a progress bar for each check, one after another."""
    shown: list[tqdm] = []

    def watch(check: Check) -> Progress:
        for bar in shown:
            bar.close()
        # None: on a terminal only.
        shown.append(tqdm(desc=check.name, total=check.count(), disable=None, leave=False))
        return shown[-1].update

    try:
        yield watch
    finally:
        for bar in shown:
            bar.close()

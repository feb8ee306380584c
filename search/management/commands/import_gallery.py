"""`manage.py import_gallery DIR`: what `export_gallery` has written, back in a gallery."""

import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from gallery.bell import muffled
from gallery.exporting import IMAGES, Line
from gallery.imagefile import NoSpace
from gallery.management.commands.import_images import AGAIN, owner_named
from gallery.models import User
from gallery.patience import patiently
from gallery.reimporting import (
    IMAGE,
    People,
    UnusableExport,
    check,
    import_albums,
    import_line,
    import_smart_albums,
    lines,
)
from gallery.sources import Outcome, Tally
from search.exchange import take_vectors


class Command(BaseCommand):
    help = (
        "Bring in what export_gallery wrote: files, titles, tags, albums, rights, and vectors where"
        " the same encoder is here. Safe to run twice: images that are there keep what they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--owner", metavar="NAME", help="let everything become this person's")
        whose.add_argument(
            "--create-people",
            action="store_true",
            help="make those named that are not here, without a password, so nobody can sign in",
        )

    def handle(self, *, folder: Path, **options: Any) -> None:
        try:
            count, names = check(folder)
            people = people_named(names, **options)
            import_albums(folder, people)
            import_smart_albums(folder, people)
            self.import_images(folder, people, count)
        except UnusableExport as error:
            raise CommandError(str(error)) from error

    def import_images(self, folder: Path, people: People, count: int) -> None:
        tally = Tally()
        try:
            with muffled():
                told = lines(folder / IMAGES, IMAGE)
                for line in tqdm(told, total=count, unit="image", disable=None):
                    tally[self.import_one(folder, line, people)] += 1
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted: {tally}. {AGAIN}", returncode=130) from None
        except NoSpace as error:
            raise CommandError(f"{error} Until then: {tally}.") from None
        self.stdout.write(str(tally))
        if rejected := tally[Outcome.REJECTED]:
            raise CommandError(f"{rejected} of {count} images could not be imported.")

    def import_one(self, folder: Path, line: Line, people: People) -> Outcome:
        outcome, reason = patiently(partial(import_line, folder, line, people, take_vectors))
        if reason:
            with tqdm.external_write_mode(file=sys.stderr):
                self.stderr.write(f"{line['file']}: {reason}")
        return outcome


def people_named(
    names: set[str], *, owner: str | None, create_people: bool, **options: Any
) -> People:
    """Who the export speaks of. CommandError where some are not here, and nobody said what then."""
    known = {person.username: person for person in User.objects.filter(username__in=names)}
    missing = sorted(names - known.keys())
    if owner:
        return People(known, owner_named(owner))
    if missing and not create_people:
        raise CommandError(
            f"Not here: {', '.join(missing)}. --create-people makes them, --owner NAME lets all"
            " become one person's."
        )
    for name in missing:
        known[name] = User.objects.create_user(name)
    return People(known)

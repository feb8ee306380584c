"""`manage.py import_images PATH… --owner NAME`: images from folders, archives and lists."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from gallery.bell import muffled
from gallery.imagefile import NoSpace
from gallery.importing import Plan, import_files
from gallery.ingest import Labels
from gallery.models import User, Visibility
from gallery.sources import Found, Outcome, Tally, find_files, listed_in
from gallery.watching import Watch

AGAIN = "Run the command again: what is there is not imported twice."
# A file that did not change in this time is taken to be whole.
POLL_SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Import images from files, folders and ZIP archives. Safe to run twice: what is there"
        " already is known by its digest and counted, and gets the album and tags named. Titles,"
        " keywords and stars that a new file brings along in XMP or IPTC, or in an XMP file beside"
        " it, become its title, tags and rating."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
        parser.add_argument(
            "--list", metavar="FILE", help="a file with one PATH a line; - is the standard input"
        )
        parser.add_argument("--owner", required=True, help="user name of whose images they become")
        labels = parser.add_mutually_exclusive_group()
        labels.add_argument("--album", default="", help="title of the album to put them into")
        labels.add_argument(
            "--label-by-folder",
            choices=["album", "tag"],
            help="the name of the folder that holds an image becomes its album or its tag",
        )
        parser.add_argument("--visibility", choices=Visibility.values, default=Visibility.PRIVATE)
        parser.add_argument(
            "--no-metadata", action="store_true", help="leave out what files say of themselves"
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--dry-run", action="store_true", help="say what would come in, no more")
        how.add_argument(
            "--watch", action="store_true", help="go on with what comes, until it is interrupted"
        )

    def handle(self, *, paths: list[Path], **options: Any) -> None:
        self.tally = Tally()
        plan = Plan(
            owner=owner_named(options["owner"]),
            labels=Labels(album=options["album"], visibility=options["visibility"]),
            by_folder=options["label_by_folder"] or "",
            with_metadata=not options["no_metadata"],
            is_dry=options["dry_run"],
        )
        paths = [*there(paths), *listed_paths(options["list"])]
        if not paths:
            raise CommandError("Nothing is named: give a PATH, or a list of them with --list.")
        try:
            with muffled():
                self.import_from(paths, plan, is_watching=options["watch"])
        except NoSpace as error:
            raise CommandError(f"{error} Until then: {self.tally}.") from None
        except OperationalError as error:
            reason = str(error).strip()
            raise CommandError(f"The database: {reason}. {self.tally}. {AGAIN}") from error
        self.tell(plan)

    def import_from(self, paths: list[Path], plan: Plan, *, is_watching: bool) -> None:
        if is_watching:
            self.watch(Watch(paths), plan)
            return
        try:
            files = list(find_files(paths))
            self.import_all(tqdm(files, unit="image", disable=None), plan)
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted: {self.tally}. {AGAIN}", returncode=130) from None

    def watch(self, watch: Watch, plan: Plan) -> None:
        """Being interrupted is how it ends."""
        self.stdout.write("Watching. Ctrl-C ends it.")
        try:
            while True:
                self.import_all(watch.look(), plan)
                sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            return

    def import_all(self, files: Iterable[Found], plan: Plan) -> None:
        """Import them one by one: whatever ends this, what is in is in."""
        for found, outcome, reason in import_files(files, plan):
            self.tally[outcome] += 1
            if reason:
                with tqdm.external_write_mode(file=sys.stderr):
                    self.stderr.write(f"{found}: {reason}")

    def tell(self, plan: Plan) -> None:
        self.stdout.write(
            f"Nothing was stored. It would be: {self.tally}" if plan.is_dry else str(self.tally)
        )
        if rejected := self.tally[Outcome.REJECTED]:
            raise CommandError(f"{rejected} of {self.tally.total()} files could not be imported.")


def there(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise CommandError(f"There is no {path}. Name files or folders of this machine.")
    return paths


def listed_paths(name: str | None) -> Iterator[Path]:
    """Those that the list names; one that is not there is a file that could not be imported."""
    if name == "-":
        yield from listed_in(sys.stdin)
    elif name:
        try:
            with Path(name).open(errors="surrogateescape") as file:
                yield from listed_in(file)
        except OSError as error:
            raise CommandError(f"The list {name} can't be read: {error.strerror}.") from error


def owner_named(name: str) -> User:
    owner = User.objects.filter(username=name).first()
    if owner is None:
        raise CommandError(
            f"There is no user {name!r}. Add one in the admin or with"
            f" `manage.py createsuperuser --username {name}`."
        )
    return owner

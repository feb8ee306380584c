"""`manage.py import_images PATH… --owner NAME`: images from folders of this machine."""

import sys
from argparse import ArgumentParser
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError
from tqdm import tqdm

from gallery.bell import muffled
from gallery.imagefile import NoSpace
from gallery.importing import Found, Outcome, Tally, find_files, import_file, labelled_by_folder
from gallery.ingest import Labels
from gallery.models import User, Visibility
from gallery.patience import patiently

AGAIN = "Run the command again: what is there is not imported twice."


class Command(BaseCommand):
    help = (
        "Import images from files and folders. Safe to run twice: what is there already is counted,"
        " and gets the album and tags named."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--owner", required=True, help="user name of whose images they become")
        labels = parser.add_mutually_exclusive_group()
        labels.add_argument("--album", default="", help="title of the album to put them into")
        labels.add_argument(
            "--label-by-folder",
            choices=["album", "tag"],
            help="the name of the folder that holds an image becomes its album or its tag",
        )
        parser.add_argument("--visibility", choices=Visibility.values, default=Visibility.PRIVATE)

    def handle(self, *, paths: list[Path], **options: Any) -> None:
        owner = owner_named(options["owner"])
        for path in paths:
            if not path.exists():
                raise CommandError(f"There is no {path}. Name files or folders of this machine.")
        self.labels = Labels(album=options["album"], visibility=options["visibility"])
        self.by_folder: str | None = options["label_by_folder"]
        self.tally = Tally()
        self.import_all(owner, list(find_files(paths)))

    def import_all(self, owner: User, files: list[Found]) -> None:
        """Import them one by one: whatever ends this, what is in is in."""
        try:
            with muffled():
                # None: a progress bar on a terminal only.
                for found in tqdm(files, unit="image", disable=None):
                    self.import_one(owner, found)
        except KeyboardInterrupt:
            raise CommandError(f"Interrupted: {self.tally}. {AGAIN}", returncode=130) from None
        except NoSpace as error:
            raise CommandError(f"{error} Until then: {self.tally}.") from None
        except OperationalError as error:
            reason = str(error).strip()
            raise CommandError(f"The database: {reason}. {self.tally}. {AGAIN}") from error
        self.stdout.write(str(self.tally))
        if rejected := self.tally[Outcome.REJECTED]:
            raise CommandError(f"{rejected} of {len(files)} files could not be imported.")

    def import_one(self, owner: User, found: Found) -> None:
        labels = self.labels
        if self.by_folder:
            labels = labelled_by_folder(labels, found.path, self.by_folder)
        outcome, reason = patiently(partial(import_file, owner, found, labels))
        self.tally[outcome] += 1
        if reason:
            with tqdm.external_write_mode(file=sys.stderr):
                self.stderr.write(f"{found.path}: {reason}")


def owner_named(name: str) -> User:
    owner = User.objects.filter(username=name).first()
    if owner is None:
        raise CommandError(
            f"There is no user {name!r}. Add one in the admin or with"
            f" `manage.py createsuperuser --username {name}`."
        )
    return owner

"""`manage.py backup PATH`: the whole gallery in one folder or one tar, while it runs."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from retrieval_site.backups import BackupRefused
from retrieval_site.backups.contents import count_bytes
from retrieval_site.backups.making import Backup, back_up


class Command(BaseCommand):
    help = "Save the database, the originals and the added encoders, while the gallery runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path",
            type=Path,
            metavar="PATH",
            help="a new folder; or a new file, if it ends in .tar",
        )
        parser.add_argument(
            "--renditions",
            action="store_true",
            help="thumbnails and previews too, which are made again otherwise",
        )

    def handle(self, *, path: Path, renditions: bool, **options: Any) -> None:
        start = monotonic()
        try:
            with byte_bar(count_bytes()) as bar:
                backup = back_up(path, with_renditions=renditions, progress=bar.update)
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{path} can't be written: {error}. Nothing is left of it."
            ) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted: nothing is left of it.", returncode=130) from None
        self.tell(path, backup, monotonic() - start)

    def tell(self, path: Path, backup: Backup, seconds: float) -> None:
        for complaint in backup.complaints:
            self.stderr.write(complaint)
        self.stdout.write(
            f"{backup.images} images, {backup.files} files of {backup.bytes / 1_000_000:.1f} MB in"
            f" {seconds:.1f} s: {path}"
        )
        if count := len(backup.complaints):
            raise CommandError(f"{count} files are not as they should be: see check_gallery.")


def byte_bar(total: int | None) -> tqdm:
    """A bar on a terminal, nothing elsewhere."""
    return tqdm(total=total, unit="B", unit_scale=True, file=sys.stderr, disable=None)

"""`manage.py restore PATH`: the gallery as it was when that backup was made."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from retrieval_site.backups import BackupRefused
from retrieval_site.backups.restoring import restore
from retrieval_site.management.commands.backup import byte_bar


class Command(BaseCommand):
    help = "Bring a backup back into an empty gallery. Everything in it is verified before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="what `backup` has written")
        parser.add_argument(
            "--replace", action="store_true", help="though what is in this gallery is lost by it"
        )

    def handle(self, *, path: Path, replace: bool, **options: Any) -> None:
        total = path.stat().st_size if path.is_file() else None
        try:
            with byte_bar(total) as bar:
                manifest = restore(path, replace=replace, progress=bar.update)
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The database is as it was: {error}.") from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Run it again.", returncode=130) from None
        self.stdout.write(f"{manifest.images} images are back.")
        if not manifest.renditions:
            self.stdout.write("The workers make their thumbnails and previews.")

"""`manage.py demo --images N`: a gallery of drawn pictures."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from gallery.bell import muffled
from gallery.demonstration import DRAWN, copy, draw
from gallery.models import User


class Command(BaseCommand):
    help = (
        f"Fill a gallery with drawn pictures, to try it out. Beyond {DRAWN} they are copies with"
        " dates, tags, albums and owners of their own. Safe to run twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--images", type=int, default=60, metavar="N", help="how many")
        parser.add_argument("--owner", default="admin", metavar="NAME", help="whose they are")

    def handle(self, *args: Any, images: int, owner: str, **options: Any) -> None:
        try:
            person = User.objects.get_by_natural_key(owner)
        except User.DoesNotExist:
            raise CommandError(f"There is no user {owner!r}: name one with --owner.") from None
        new = 0
        # None: a progress bar on a terminal only.
        with tqdm(total=images, unit="image", disable=None) as progress:
            with muffled():
                for is_new in draw(person, images):
                    new += is_new
                    progress.update()
            for stored in copy(person, images):
                new += stored
                progress.update(stored)
        self.stdout.write(f"{new} drawn, {images - new} already there")

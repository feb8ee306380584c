"""Fill a gallery with drawn pictures."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError, CommandParser

from gallery.ingest import Labels, store_image
from gallery.models import User, Visibility
from gallery.scenes import draw_scene


class Command(BaseCommand):
    help = "Fill a gallery with drawn pictures, to try it out. Safe to run twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--images", type=int, default=60, metavar="N", help="how many")
        parser.add_argument("--owner", default="admin", metavar="NAME", help="whose they are")

    def handle(self, *args: Any, images: int, owner: str, **options: Any) -> None:
        try:
            person = User.objects.get_by_natural_key(owner)
        except User.DoesNotExist:
            raise CommandError(f"There is no user {owner!r}: name one with --owner.") from None
        new = sum(store_scene(person, seed) for seed in range(images))
        self.stdout.write(f"{new} drawn, {images - new} already there")


def store_scene(owner: User, seed: int) -> bool:
    """Draw one picture and store it; whether it is new."""
    kind, jpeg = draw_scene(seed)
    title = f"{kind.capitalize()} {seed + 1}"
    file = ContentFile(jpeg, name=f"{title}.jpg")
    return store_image(owner, file, Labels(title, tags=[kind], visibility=Visibility.MEMBERS))[1]

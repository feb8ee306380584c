"""`manage.py export_gallery DIR`: the originals, and what is known of each in a line of JSON."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from gallery.exporting import export, nothing_more
from gallery.management.commands.import_images import owner_named
from gallery.models import Album, Image, SmartAlbum
from search.exchange import vectors_of


class Command(BaseCommand):
    help = (
        "Write the originals into a folder, with title, tags, albums and rights of each as JSON"
        " lines. Safe to run twice: what is there is not written again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--owner", metavar="NAME", help="only this person's images and albums")
        parser.add_argument("--vectors", action="store_true", help="and the images' vectors")

    def handle(self, *, folder: Path, owner: str | None, vectors: bool, **options: Any) -> None:
        images, albums = Image.objects.kept(), Album.objects.all()
        smart_albums = SmartAlbum.objects.all()
        if owner:
            person = owner_named(owner)
            images, albums = images.filter(owner=person), albums.filter(owner=person)
            smart_albums = smart_albums.filter(owner=person)
        extra = vectors_of if vectors else nothing_more
        try:
            with tqdm(total=images.count(), unit="image", disable=None) as bar:
                done = export(
                    images, albums, smart_albums, folder, extra=extra, progress=bar.update
                )
        except OSError as error:
            raise CommandError(f"{folder} can't be written: {error}.") from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Run it again: it goes on.", returncode=130) from None
        for complaint in done.complaints:
            self.stderr.write(complaint)
        self.stdout.write(
            f"{done.images} images of {done.bytes / 1_000_000:.1f} MB and {done.albums} albums:"
            f" {folder}"
        )
        if done.complaints:
            raise CommandError(f"{len(done.complaints)} images could not be exported.")

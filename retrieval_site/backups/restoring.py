"""Reading a backup back: everything is unpacked and compared with its digest before any of it
takes the place of what was there.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tarfile import TarError
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from gallery import locks
from gallery.bell import ring_on_commit
from gallery.integrity.strays import doom_unclaimed
from gallery.models import Album, Image, Rendering, State, User
from gallery.tasks import render_pending
from retrieval_site.backups import BackupRefused, database
from retrieval_site.backups.archives import CHUNK, SUMS, HashingReader, members, remove
from retrieval_site.backups.contents import ENCODERS, MEDIA
from retrieval_site.backups.making import DUMP, FORMAT, MANIFEST, Progress
from search.integrity import doom_pictures

# Within MEDIA_ROOT, so that what was unpacked only has to be renamed.
STAGE = ".restoring"


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    images: int
    renditions: bool
    migrations: list[str]


def restore(path: Path, *, replace: bool, progress: Progress) -> Manifest:
    """Make the gallery what it was when the backup was made. Raises BackupRefused.

    It takes the place of another gallery only if told to `replace` it.
    """
    if not path.exists():
        raise BackupRefused(f"There is no {path}.")
    if not replace:
        refuse_filled()
    stage = Path(settings.MEDIA_ROOT) / STAGE
    remove(stage)
    try:
        manifest = unpack(path, stage, progress)
        with locks.shared(locks.FILES):
            take_place(stage)
            database.restore(stage / DUMP)
            bring_up_to_date(manifest)
    except TarError as error:
        raise BackupRefused(f"{path} is damaged, or no backup: {error}.") from error
    finally:
        remove(stage)
    if replace:
        doom_unclaimed()
        doom_pictures()
    return manifest


def refuse_filled() -> None:
    if "gallery_image" not in connection.introspection.table_names():
        return
    people = User.objects.count()
    if people > 1 or Image.objects.exists() or Album.objects.exists():
        raise BackupRefused(
            f"This gallery is not empty: {Image.objects.count()} images of {people} people."
            " With --replace the backup takes its place, and all that is lost."
        )


def unpack(path: Path, stage: Path, progress: Progress) -> Manifest:
    """Write the whole backup into `stage`, and see that it is whole and ours."""
    manifest = None
    with TemporaryFile() as found:
        for name, file in members(path):
            if name == SUMS:
                compare(found, file)
                break
            reader = HashingReader(file)
            write(stage / name, reader)
            found.write(f"{reader.digest.hexdigest()}  {name}\n".encode())
            progress(reader.size)
            if manifest is None:
                manifest = read_manifest(stage)
        else:
            raise BackupRefused(f"{path} is cut off: {SUMS}, its end, is missing.")
    if manifest is None or not (stage / DUMP).exists():
        raise BackupRefused(f"{path} is no backup: {DUMP} is missing.")
    os.sync()
    return manifest


def write(path: Path, reader: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as out:
        shutil.copyfileobj(reader, out, CHUNK)


def compare(found: IO[bytes], sums: IO[bytes]) -> None:
    found.seek(0)
    for line in found:
        if (expected := sums.readline()) != line:
            name = line.decode().rstrip("\n").partition("  ")[2]
            raise BackupRefused(
                f"The backup is damaged at {name}: expected {expected.decode(errors='replace')!r}."
            )
    if sums.readline():
        raise BackupRefused("The backup is damaged: it lacks files that it lists.")


def read_manifest(stage: Path) -> Manifest:
    """What the backup is; refused before all of it is read, if it can't be used here."""
    try:
        facts = json.loads((stage / MANIFEST).read_text())
        if facts["format"] != FORMAT:
            raise BackupRefused(f"The backup is of format {facts['format']}, not {FORMAT}.")
        manifest = Manifest(facts["images"], facts["renditions"], facts["migrations"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupRefused(f"This is no backup: it does not begin with {MANIFEST}.") from None
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := set(manifest.migrations) - known:
        raise BackupRefused(
            f"The backup was made by a newer version: update first ({min(newer)} is unknown)."
        )
    return manifest


def take_place(stage: Path) -> None:
    """Put the files where they belong. A name is never used twice: nothing else is in the way."""
    media = Path(settings.MEDIA_ROOT)
    for path in files_below(stage / MEDIA):
        target = media / path.relative_to(stage / MEDIA)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    for folder in sorted((stage / ENCODERS).glob("*")):
        target = Path(settings.ENCODERS_DIR) / folder.name
        remove(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, target)
    os.sync()


def files_below(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names)


def bring_up_to_date(manifest: Manifest) -> None:
    """What has changed since the backup was made, and what it does not hold."""
    call_command("migrate", interactive=False, verbosity=0)
    if not manifest.renditions:
        Rendering.objects.filter(state=State.READY).retry()
        ring_on_commit(render_pending)

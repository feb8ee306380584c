"""Writing a backup."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.utils import timezone

from gallery import locks
from gallery.models import Image
from retrieval_site.backups import BackupRefused, contents, database
from retrieval_site.backups.archives import Writer, writing
from retrieval_site.backups.contents import Content

FORMAT = 1
MANIFEST, DUMP = "manifest.json", "database.dump"

# Hears of how many bytes were copied.
Progress = Callable[[int], object]


@dataclass
class Backup:
    """What a backup holds, and which files it could not take along as they should be."""

    images: int = 0
    files: int = 0
    bytes: int = 0
    complaints: list[str] = field(default_factory=list)


def back_up(path: Path, *, with_renditions: bool, progress: Progress) -> Backup:
    """Write the gallery as it is at this moment to `path`, while it runs. Raises BackupRefused.

    A file that is missing or damaged is in the complaints, and the rest is saved all the same.
    """
    if path.exists():
        raise BackupRefused(f"{path} is there already: name another, or remove it.")
    if not path.parent.is_dir():
        raise BackupRefused(f"There is no folder {path.parent}.")
    backup = Backup()
    # The lock comes first: what is deleted before the snapshot is in none of its rows.
    with (
        locks.shared(locks.FILES),
        TemporaryFile(dir=path.parent) as sums,
        database.snapshot() as moment,
        writing(path, sums) as writer,
    ):
        backup.images = Image.objects.count()
        add_manifest(writer, backup, with_renditions=with_renditions)
        add_database(writer, moment, path.parent)
        for content in contents.everything(with_renditions=with_renditions):
            progress(add_file(writer, content, backup))
        writer.add_sums()
    return backup


def add_manifest(writer: Writer, backup: Backup, *, with_renditions: bool) -> None:
    facts: dict[str, Any] = {
        "format": FORMAT,
        "made_at": timezone.now().isoformat(),
        "images": backup.images,
        "renditions": with_renditions,
        "migrations": contents.migrations(),
    }
    text = json.dumps(facts, indent=2).encode() + b"\n"
    writer.add(MANIFEST, BytesIO(text), len(text))


def add_database(writer: Writer, moment: str, folder: Path) -> None:
    # A tar says how long a file is before the file, so that it must have been written once.
    with TemporaryFile(dir=folder) as file:
        database.dump(moment, file)
        size = file.seek(0, 2)
        file.seek(0)
        writer.add(DUMP, file, size)


def add_file(writer: Writer, content: Content, backup: Backup) -> int:
    """Copy one file; return its size."""
    try:
        file = content.path.open("rb")
    except OSError as error:
        backup.complaints.append(f"{content.path}: {error.strerror}")
        return 0
    with file:
        size = file.seek(0, 2)
        file.seek(0)
        sha256 = writer.add(content.name, file, size)
    if content.sha256 not in {"", sha256}:
        backup.complaints.append(f"{content.path}: it has other bytes than were uploaded")
    backup.files += 1
    backup.bytes += size
    return size

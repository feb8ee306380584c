"""Images from folders of this machine, through the same door as everybody's."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from django.core.files.base import File

from gallery.imagefile import NoSpace, NotAnImage, RejectedFile
from gallery.ingest import Labels, printable, store_image
from gallery.models import Album, Tag, User

# A file of such a name that holds no image is broken; of any other name, it is something else.
NAMED_AS_IMAGES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif"),
    *(".tif", ".tiff", ".avif", ".heic", ".heif"),
)


class Outcome(StrEnum):
    IMPORTED = "imported"
    KNOWN = "already there"
    RESTORED = "restored from the trash"
    REJECTED = "rejected"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Found:
    """A file to import; or, with `outcome`, something that is none."""

    path: Path
    outcome: Outcome | None = None
    reason: str = ""


class Tally(Counter[Outcome]):
    def __str__(self) -> str:
        told = [outcome for outcome in Outcome if self[outcome] or outcome != Outcome.RESTORED]
        return ", ".join(f"{self[outcome]} {outcome}" for outcome in told)


def find_files(paths: Iterable[Path]) -> Iterator[Found]:
    """Every file at or below `paths`, in order; what is hidden is skipped unless it was named.

    Links to folders are followed, each folder is entered once.
    """
    entered: set[tuple[int, int]] = set()
    for path in paths:
        yield from find_at(path, entered)


def find_at(path: Path, entered: set[tuple[int, int]]) -> Iterator[Found]:
    """The file at `path`, or all that is below the folder there."""
    try:
        facts = path.stat()
        entries = sorted(path.iterdir()) if S_ISDIR(facts.st_mode) else None
    except OSError as error:
        yield Found(path, Outcome.REJECTED, unreadable(error))
        return
    if entries is None:
        # Reading from a pipe would wait for ever.
        yield Found(path, None if S_ISREG(facts.st_mode) else Outcome.SKIPPED)
    elif (place := (facts.st_dev, facts.st_ino)) not in entered:
        entered.add(place)
        for entry in entries:
            is_hidden = entry.name.startswith(".")
            yield from [Found(entry, Outcome.SKIPPED)] if is_hidden else find_at(entry, entered)


def import_file(owner: User, found: Found, labels: Labels) -> tuple[Outcome, str]:
    """Store one file; return what became of it, and the reason if it was rejected.

    Raises NoSpace: no other file would fare better.
    """
    if found.outcome:
        return found.outcome, found.reason
    try:
        with found.path.open("rb") as handle:
            file = File(handle, name=printable(found.path.name))
            image, is_new = store_image(owner, file, labels)
    except NoSpace:
        raise
    except NotAnImage as error:
        is_broken = found.path.suffix.lower() in NAMED_AS_IMAGES
        return (Outcome.REJECTED, str(error)) if is_broken else (Outcome.SKIPPED, "")
    except RejectedFile as error:
        return Outcome.REJECTED, str(error)
    except OSError as error:
        return Outcome.REJECTED, unreadable(error)
    if image.was_restored:
        return Outcome.RESTORED, ""
    return (Outcome.IMPORTED if is_new else Outcome.KNOWN), ""


def unreadable(error: OSError) -> str:
    return f"It can't be read: {error.strerror or error}."


def labelled_by_folder(labels: Labels, path: Path, as_what: str) -> Labels:
    """`labels` with the name of the folder that holds `path` as the album or as a tag."""
    # Not resolved: a folder that is a link has the name under which people see it.
    folder = Path(os.path.abspath(path)).parent  # noqa: PTH100
    name = printable(folder.name)
    if as_what == "album":
        return replace(labels, album=name[: Album._meta.get_field("title").max_length])
    return replace(labels, tags=[name[: Tag._meta.get_field("name").max_length]])

"""Files of this machine that are to be imported: in folders, in ZIP archives and in lists."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import IO

# A file of such a name that holds no image is broken; of any other name, it is something else.
NAMED_AS_IMAGES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif"),
    *(".tif", ".tiff", ".avif", ".heic", ".heif"),
)
# Size and time of the last change, by which a file is known not to have changed since.
Stamp = tuple[int, int]


class Outcome(StrEnum):
    IMPORTED = "imported"
    KNOWN = "already there"
    RESTORED = "restored from the trash"
    REJECTED = "rejected"
    SKIPPED = "skipped"


class Tally(Counter[Outcome]):
    def __str__(self) -> str:
        told = [outcome for outcome in Outcome if self[outcome] or outcome != Outcome.RESTORED]
        return ", ".join(f"{self[outcome]} {outcome}" for outcome in told)


@dataclass(frozen=True)
class Found:
    """A file to import; or, with `outcome`, something that is none."""

    # Of a file in an archive, where it would lie if that were a folder.
    path: Path
    outcome: Outcome | None = None
    reason: str = ""

    def __str__(self) -> str:
        return str(self.path)

    @property
    def is_named_as_image(self) -> bool:
        return self.path.suffix.lower() in NAMED_AS_IMAGES

    def open(self) -> AbstractContextManager[IO[bytes]]:
        """Its bytes, in a file that can be sought in. Raises OSError and RejectedFile."""
        return self.path.open("rb")

    def stamp(self) -> Stamp:
        facts = self.path.stat()
        return facts.st_size, facts.st_mtime_ns

    def sidecar(self) -> bytes:
        """The XMP file that another program has put beside it; empty where there is none."""
        for path in (self.path.with_name(f"{self.path.name}.xmp"), self.path.with_suffix(".xmp")):
            if path.is_file():
                return path.read_bytes()
        return b""


def find_files(paths: Iterable[Path]) -> Iterator[Found]:
    """Every file at or below `paths`, in order; what is hidden is skipped unless it was named.

    Links to folders are followed, each folder is entered once. An archive that is named is opened.
    """
    from gallery.ziparchives import is_archive, members_of

    entered: set[tuple[int, int]] = set()
    for path in paths:
        yield from members_of(path) if is_archive(path) else find_at(path, entered)


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


def listed_in(file: IO[str]) -> Iterator[Path]:
    """The paths of a list, one a line; empty lines are none."""
    for line in file:
        if path := line.rstrip("\r\n"):
            yield Path(path)


def unreadable(error: OSError) -> str:
    return f"It can't be read: {error.strerror or error}."

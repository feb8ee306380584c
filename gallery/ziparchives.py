"""Images in ZIP archives, which may come from anybody: no name in one is ever used as a path, and
nothing is unpacked before its size is known.
"""

import re
import shutil
import stat
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO
from zipfile import ZipFile, ZipInfo

from django.conf import settings

from gallery.imagefile import CHUNK, RejectedFile, megabytes
from gallery.sources import Found, Outcome, Stamp, unreadable

MOST_MEMBERS = 100_000
# Images are packed already. Some are drawn, and pack well; all of an archive never do.
MOST_GROWTH = 100
ENCRYPTED = 0x1
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
SEPARATOR = re.compile(r"[\\/]")
ABSOLUTE = re.compile(r"[\\/]|[A-Za-z]:")


def is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip" and path.is_file()


@dataclass(frozen=True)
class Archive:
    path: Path
    file: ZipFile
    # One file of an archive is read at a time.
    lock: Lock = field(default_factory=Lock)


@dataclass(frozen=True)
class Member(Found):
    """A file in an archive."""

    archive: Archive | None = None
    info: ZipInfo | None = None

    def __str__(self) -> str:
        name = self.info.filename if self.info else ""
        return f"{self.archive.path}: {name}" if self.archive else name

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        if self.archive is None or self.info is None:
            raise FileNotFoundError(str(self))
        with TemporaryFile() as out:
            try:
                # It gives no more bytes than the archive says, and the check sum must agree.
                with self.archive.lock, self.archive.file.open(self.info) as packed:
                    shutil.copyfileobj(packed, out, CHUNK)
            except OSError:
                raise
            # Whatever decompresses it has errors of its own.
            except Exception as error:
                raise RejectedFile(f"It is damaged in its archive ({error}).") from error
            out.seek(0)
            yield out

    def stamp(self) -> Stamp:
        return (self.info.file_size, self.info.CRC) if self.info else (0, 0)

    def sidecar(self) -> bytes:
        return b""


def members_of(path: Path) -> Iterator[Found]:
    """Every file in the archive, each with its reason where it is not let in."""
    try:
        archive = Archive(path, ZipFile(path))
    except OSError as error:
        yield Found(path, Outcome.REJECTED, unreadable(error))
        return
    # A damaged directory raises nearly anything.
    except Exception as error:
        yield Found(path, Outcome.REJECTED, f"It is no ZIP archive, or damaged ({error}).")
        return
    # Whoever holds a member may read it; with the last one the file is closed.
    weakref.finalize(archive, archive.file.close)
    infos = [info for info in archive.file.infolist() if not info.is_dir()]
    if reason := bomb(infos, path.stat().st_size):
        yield Found(path, Outcome.REJECTED, reason)
        return
    for info in infos:
        yield member(archive, info)


def bomb(infos: list[ZipInfo], size: int) -> str:
    """Why nothing of the archive is unpacked; empty if it may be."""
    if len(infos) > MOST_MEMBERS:
        return f"It holds {len(infos)} files; at most {MOST_MEMBERS} are allowed in one archive."
    unpacked = sum(info.file_size for info in infos)
    if unpacked > max(MOST_GROWTH * size, settings.IMAGE_MAX_BYTES):
        return (
            f"It has {megabytes(size)} MB and claims to hold {megabytes(unpacked)} MB: it may be"
            " made to fill the disk."
        )
    return ""


def member(archive: Archive, info: ZipInfo) -> Member:
    parts = SEPARATOR.split(info.filename)
    outcome, reason = None, why_not(info, parts)
    if reason:
        outcome = Outcome.REJECTED
    elif any(part.startswith(".") or part == "__MACOSX" for part in parts):
        outcome = Outcome.SKIPPED
    # Only for its name and that of its folder: nothing is ever written there.
    path = archive.path.with_suffix("").joinpath(
        *[part for part in parts if part not in {"", ".."}]
    )
    found = Member(path, outcome, reason, archive, info)
    if not found.outcome and info.file_size > settings.IMAGE_MAX_BYTES:
        return too_large(found, info.file_size)
    return found


def why_not(info: ZipInfo, parts: list[str]) -> str:
    if ABSOLUTE.match(info.filename):
        return "Its name is an absolute path."
    if ".." in parts:
        return "Its name leads out of the archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "It is a link, not a file."
    if info.flag_bits & ENCRYPTED:
        return "It is encrypted: unpack the archive with its password first."
    if parts[-1].lower().endswith(ARCHIVES):
        return "An archive in an archive is not opened: unpack it first."
    return ""


def too_large(found: Member, size: int) -> Member:
    """Of a picture that is a reason to reject it; a film is only passed by."""
    if not found.is_named_as_image:
        return Member(found.path, Outcome.SKIPPED, "", found.archive, found.info)
    reason = (
        f"The file has {megabytes(size)} MB; at most"
        f" {megabytes(settings.IMAGE_MAX_BYTES)} MB are allowed."
    )
    return Member(found.path, Outcome.REJECTED, reason, found.archive, found.info)

"""What a backup looks like: files by name, in a folder or in one tar, and a list of their digests.

The list is called SHA256SUMS and is what `sha256sum --check` takes. It is written last.
"""

import hashlib
import os
import shutil
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import time
from typing import IO, Any

from retrieval_site.backups import BackupRefused

SUMS = "SHA256SUMS"
CHUNK = 1024 * 1024


class HashingReader:
    """Reads a file, and knows the digest and the size of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data


class Writer(ABC):
    """A backup while it is written."""

    def __init__(self, sums: IO[bytes]) -> None:
        self.sums = sums

    def add(self, name: str, file: IO[bytes], size: int) -> str:
        """Write `size` bytes of `file` under that name; return their hex SHA-256."""
        reader = HashingReader(file)
        self.write(name, reader, size)
        sha256 = reader.digest.hexdigest()
        self.sums.write(f"{sha256}  {name}\n".encode())
        return sha256

    def add_sums(self) -> None:
        size = self.sums.tell()
        self.sums.seek(0)
        self.write(SUMS, self.sums, size)

    @abstractmethod
    def write(self, name: str, file: Any, size: int) -> None: ...


class FolderWriter(Writer):
    def __init__(self, sums: IO[bytes], folder: Path) -> None:
        super().__init__(sums)
        self.folder = folder

    def write(self, name: str, file: Any, size: int) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            shutil.copyfileobj(file, out, CHUNK)


class TarWriter(Writer):
    def __init__(self, sums: IO[bytes], tar: tarfile.TarFile) -> None:
        super().__init__(sums)
        self.tar = tar

    def write(self, name: str, file: Any, size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(time())
        self.tar.addfile(info, file)


def is_tar(path: Path) -> bool:
    return path.suffix == ".tar"


@contextmanager
def writing(path: Path, sums: IO[bytes]) -> Iterator[Writer]:
    """Write a backup beside `path`; it has its name only when it is whole and on the disk."""
    draft = path.with_name(f"{path.name}.partial")
    remove(draft)
    try:
        if is_tar(path):
            with draft.open("xb") as out, tarfile.open(fileobj=out, mode="w|") as tar:
                yield TarWriter(sums, tar)
        else:
            draft.mkdir()
            yield FolderWriter(sums, draft)
        os.sync()
        draft.rename(path)
    finally:
        remove(draft)


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Every file of a backup in the order in which it was written.

    Raises BackupRefused; and TarError, while a file is read, where the tar is damaged.
    """
    yield from in_tar(path) if path.is_file() else in_folder(path)


def in_tar(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(path, "r|") as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            if file is None:
                raise BackupRefused(f"{path} is no backup: {info.name!r} in it is no file.")
            yield checked(info.name), file


def in_folder(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    try:
        with (path / SUMS).open("rb") as sums:
            for line in sums:
                name = checked(line.decode().rstrip("\n").partition("  ")[2])
                with (path / name).open("rb") as file:
                    yield name, file
            sums.seek(0)
            yield SUMS, sums
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise BackupRefused(f"{path} is no whole backup: {error}.") from error


def checked(name: str) -> str:
    """Raise BackupRefused for a name that leads out of the folder it is unpacked into."""
    if name.startswith("/") or not name.isprintable() or {"", ".", ".."} & {*name.split("/")}:
        raise BackupRefused(f"The backup is not one of ours: it holds a file named {name!r}.")
    return name

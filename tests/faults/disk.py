"""A disk so small that a test can fill it."""

import subprocess
from contextlib import suppress
from pathlib import Path

MEGABYTES = 24


class SmallDisk:
    """A folder on a file system of its own, in memory. Only root can have one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_there = False
        self._filler = folder / "filler"

    def mount(self) -> None:
        self.folder.mkdir(parents=True)
        mounting = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(self.folder)]
        self.is_there = not subprocess.run(mounting, check=False, capture_output=True).returncode

    def unmount(self) -> None:
        if self.is_there:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def fill(self) -> None:
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self) -> None:
        self._filler.unlink()

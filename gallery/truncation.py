"""Whether a file was cut off, for the formats whose decoders only say that something is wrong."""

from __future__ import annotations

from typing import IO


def is_cut_off(file: IO[bytes]) -> bool:
    """Whether a WebP, AVIF or HEIC file is shorter than its own header says."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(12)
    if head[:4] == b"RIFF":
        return int.from_bytes(head[4:8], "little") + 8 > size
    return head[4:8] == b"ftyp" and _last_box_ends(file) > size


def _last_box_ends(file: IO[bytes]) -> int:
    """Where the boxes of an ISO 14496-12 file end, by the lengths they claim."""
    end = 0
    while len(head := _read_at(file, end, 16)) >= 8:
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8:
            # 0 means "up to the end of the file", anything else is no box.
            break
        end += length
    return end


def _read_at(file: IO[bytes], position: int, count: int) -> bytes:
    file.seek(position)
    return file.read(count)

"""A JPEG that does not tell where it was taken; no pixel is touched. No ORM in here.

What is left out: coordinates and their whole GPS block, the maker's note, which nobody can look
into, XMP and IPTC, which repeat places, comments, and whatever stands behind the picture, such as a
phone's video. What stays is what shows it: pixels, colour profile, orientation, camera, exposure.
"""

import io
import mmap
import re
import struct
from collections.abc import Iterator
from typing import IO, Any

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
EXIF = b"Exif\0\0"
KEPT_APPS = {0xE0: b"", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
APPS = range(0xE0, 0xF0)
COMMENT = 0xFE
# In compressed pixels 0xFF is followed by 0, by the number of a restart, or by itself as a filler.
MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")

# Of EXIF 2.32: the GPS block, the maker's note, XMP, IPTC; then where other blocks are found.
TOLD = {0x8825, 0x927C, 0x02BC, 0x83BB}
GPS = 0x8825
BLOCKS = {0x8769, 0xA005}
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
ENTRY = 12


class NotUnderstood(Exception):
    """The file is not built as a JPEG should be, so nothing can be promised of it."""


class DiscreetJpeg(io.RawIOBase):
    """The file to be read from its beginning. Raises NotUnderstood. Closes `file` with itself."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self.file = file
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                head, start = clean_head(data)
                self.left = end_of(data, start) - start
            except (struct.error, IndexError) as error:
                raise NotUnderstood from error
        self.head = io.BytesIO(head)
        self.size = len(head) + self.left
        file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        found = self.head.read(len(buffer))
        if not found:
            found = self.file.read(min(len(buffer), self.left))
            self.left -= len(found)
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self.file.close()
        super().close()


def clean_head(data: Any) -> tuple[bytes, int]:
    """What stands before the first scan, cleaned, and where that scan begins."""
    if data[:2] != bytes([0xFF, SOI]):
        raise NotUnderstood
    kept = [bytes(data[:2])]
    for marker, start, end in segments(data):
        if marker == SOS:
            return b"".join(kept), start
        kept.append(cleaned(marker, bytes(data[start:end])))
    raise NotUnderstood


def segments(data: Any) -> Iterator[tuple[int, int, int]]:
    """The marker, the start and the end of each segment, up to the first scan."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise NotUnderstood
        if data[at + 1] == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        yield data[at + 1], at, end
        at = end


def cleaned(marker: int, segment: bytes) -> bytes:
    """The segment as it may be told; empty for one that is left out."""
    body = segment[4:]
    if marker == 0xE1 and body.startswith(EXIF):
        return segment[:4] + EXIF + without_place(body[len(EXIF) :])
    if marker in APPS:
        known = KEPT_APPS.get(marker)
        return segment if known is not None and body.startswith(known) else b""
    return b"" if marker == COMMENT else segment


def end_of(data: Any, at: int) -> int:
    """Where the picture ends whose first scan begins at `at`; a file cut off ends with itself."""
    while found := MARKER.search(data, at):
        if found[1][0] == EOI:
            return found.end()
        (length,) = struct.unpack_from(">H", data, found.end())
        at = found.end() + length
    return len(data)


def without_place(tiff: bytes) -> bytes:
    """EXIF without what it tells of a place. Nothing moves, so the rest is found as before."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        raise NotUnderstood
    out, pending, seen = bytearray(tiff), [first_block(tiff, order)], set()
    while pending:
        at = pending.pop()
        if at and at not in seen:
            seen.add(at)
            pending += forget_in(out, at, order)
    return bytes(out)


def first_block(tiff: bytes, order: str) -> int:
    return int(struct.unpack_from(f"{order}I", tiff, 4)[0])


def forget_in(tiff: bytearray, at: int, order: str) -> list[int]:
    """Take out of the block at `at` what tells a place; returns where other blocks are."""
    (count,) = struct.unpack_from(f"{order}H", tiff, at)
    start, end = at + 2, at + 2 + count * ENTRY
    entries = [bytes(tiff[place : place + ENTRY]) for place in range(start, end, ENTRY)]
    following = bytes(tiff[end : end + 4])
    kept, others = [], []
    for entry in entries:
        tag, kind, amount, value = struct.unpack(f"{order}HHII", entry)
        if tag in TOLD:
            wipe(tiff, tag, SIZES.get(kind, 1) * amount, value, order)
            continue
        kept.append(entry)
        if tag in BLOCKS:
            others.append(value)
    block = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + following
    tiff[at : end + 4] = block.ljust(end + 4 - at, b"\0")
    return [*others, struct.unpack(f"{order}I", following)[0]]


def wipe(tiff: bytearray, tag: int, size: int, value: int, order: str) -> None:
    """Overwrite what an entry points to: for the GPS block all that its own entries point to."""
    if tag == GPS:
        (count,) = struct.unpack_from(f"{order}H", tiff, value)
        for place in range(value + 2, value + 2 + count * ENTRY, ENTRY):
            inner, kind, amount, where = struct.unpack_from(f"{order}HHII", tiff, place)
            wipe(tiff, 0 if inner == GPS else inner, SIZES.get(kind, 1) * amount, where, order)
        size = 2 + count * ENTRY
    if size > 4:
        if value + size > len(tiff):
            raise NotUnderstood
        tiff[value : value + size] = bytes(size)

"""A claimed batch of images, decoded by threads while the network is at work."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from gallery.decoding import UndecodableImage, reason_for
from search.encoders.devices import part_size, processors
from search.encoders.pictures import open_squeezed
from search.models import Embedding

if TYPE_CHECKING:
    from search.encoders.base import Pixels

    Part = list[tuple[Embedding, Pixels]]

# More threads would only wait for the disk, or for each other.
MOST_THREADS = 8

Failure = UndecodableImage | FileNotFoundError


@dataclass
class Batch:
    """Embeddings that this process has claimed, and until when."""

    held: list[Embedding]
    lease: timedelta
    renewed: float = field(default_factory=monotonic)

    def decoded_parts(self, input_size: int) -> Iterator[Part]:
        """The pictures, a part at a time; those that can't be decoded are noted as failed.

        Threads read and decode files and nothing else: the database is for the caller's thread.
        """
        decode_one = partial(decode, input_size=input_size)
        parts = self._parts()
        found: Iterator[Pixels | Failure] = iter(())
        with decoding_threads() as threads:
            for part, following in zip([[], *parts], [*parts, []], strict=True):
                ahead = threads.map(decode_one, following)
                if pictures := list(self._pictures(part, found)):
                    yield pictures
                found = ahead

    def _parts(self) -> list[list[Embedding]]:
        size = part_size(len(self.held))
        return [self.held[i : i + size] for i in range(0, len(self.held), size)]

    def _pictures(
        self, part: list[Embedding], found: Iterator[Pixels | Failure]
    ) -> Iterator[tuple[Embedding, Pixels]]:
        for embedding, picture in zip(part, found, strict=True):
            if isinstance(picture, Failure):
                failed = Embedding.objects.filter(pk=embedding.pk).pending()
                failed.fail(reason_for(picture), vector=None)
            else:
                yield embedding, picture
            self.renew()

    def renew(self) -> None:
        """Ask for more time, now that something got done: what hangs is to lose its lease."""
        if monotonic() - self.renewed > self.lease.total_seconds() / 3:
            held = [embedding.pk for embedding in self.held]
            Embedding.objects.filter(pk__in=held).renew(self.lease)
            self.renewed = monotonic()


def decoding_threads() -> ThreadPoolExecutor:
    """The threads that decode for one process."""
    return ThreadPoolExecutor(min(processors(), MOST_THREADS))


def decode(embedding: Embedding, input_size: int) -> Pixels | Failure:
    """The image's picture, or why there is none; raises OSError when the disk fails."""
    try:
        with embedding.image.file.open() as file:
            return open_squeezed(file, input_size)
    except (UndecodableImage, FileNotFoundError) as error:
        return error

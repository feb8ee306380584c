"""Waiting for files that come into folders, until each is whole."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gallery.sources import Found, Stamp, find_files


@dataclass
class Watch:
    """What is known of the files in some folders."""

    paths: Sequence[Path]
    # Of each file as it was at the last look, and as it was when it was handed out.
    seen: dict[str, Stamp] = field(default_factory=dict)
    settled: dict[str, Stamp] = field(default_factory=dict)

    def look(self) -> list[Found]:
        """The files that are new or changed, and did not grow or change since the last look."""
        seen = {}
        settled = []
        for found in find_files(self.paths):
            stamp, name = stamp_of(found), str(found)
            seen[name] = stamp
            if self.seen.get(name) == stamp != self.settled.get(name):
                self.settled[name] = stamp
                settled.append(found)
        self.seen = seen
        # What is gone may come again.
        self.settled = {name: stamp for name, stamp in self.settled.items() if name in seen}
        return settled


def stamp_of(found: Found) -> Stamp:
    try:
        return found.stamp()
    except OSError:
        return 0, 0

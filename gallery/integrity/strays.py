"""Files that no row claims, by the rules of `StrayFile`: what was announced is known, what is
younger than an upload takes may yet be claimed.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path, PurePosixPath
from time import time

from django.core.files.storage import default_storage
from django.db.models.functions import Collate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from gallery.chunks import chunks
from gallery.integrity.defects import Check, Defect, Kind, Progress, ignore
from gallery.models import Image, StrayFile
from gallery.models.stray import GRACE
from gallery.renditions import KINDS
from gallery.storage import part_name

CHUNK = 500
# Time to take back in what was uploaded, had its row been lost.
NOTICE = timedelta(days=7)
PART = part_name("")
MOST_CHARACTERS = StrayFile._meta.get_field("name").max_length or 0

# A folder's shard, and every name in it that a row claims; in the order of shards.
Claims = Iterator[tuple[str, set[str]]]


def give_notice(names: Sequence[str]) -> None:
    StrayFile.objects.announce(names, NOTICE)


def doom(names: Sequence[str]) -> None:
    StrayFile.objects.doom(names)


ORIGINAL = Kind(
    "stray_original",
    ngettext_lazy(
        "%(count)s uploaded file belongs to no image.",
        "%(count)s uploaded files belong to no image.",
        "count",
    ),
    _("--repair has them deleted in seven days; until then `import_images` can take them in."),
    give_notice,
)
RENDITION = Kind(
    "stray_rendition",
    ngettext_lazy(
        "%(count)s thumbnail or preview belongs to no image.",
        "%(count)s thumbnails or previews belong to no image.",
        "count",
    ),
    _("--repair has them deleted."),
    doom,
)
FOREIGN = Kind(
    "foreign_file",
    ngettext_lazy(
        "%(count)s file that is none of the gallery's lies in its folders.",
        "%(count)s files that are none of the gallery's lie in its folders.",
        "count",
    ),
    _("Move them elsewhere."),
)


def find_defects(progress: Progress, grace: timedelta = GRACE) -> Iterator[Defect]:
    """Younger files than `grace` may belong to an upload whose row is still to be committed."""
    for folder, names_of, kind in (
        ("originals", itself, ORIGINAL),
        ("renditions", renditions_of, RENDITION),
    ):
        # Taken before the rows are read, which say nothing of what comes later.
        before = time() - grace.total_seconds()
        for names, known in listed(folder, claims(names_of)):
            progress(len(names))
            yield from strays_among(names, known, kind, before)


def doom_unclaimed() -> None:
    """Doom whatever no row claims, after the rows of another gallery took the place of its own."""
    for found in chunks(find_defects(ignore, timedelta()), CHUNK):
        doom([defect.key for defect in found if defect.kind is not FOREIGN])


def itself(original: str) -> list[str]:
    return [original]


def renditions_of(original: str) -> list[str]:
    return list(map(Image(file=original).rendition_name, KINDS))


def claims(names_of: Callable[[str], Iterable[str]]) -> Claims:
    """What images claim. They are read in the order of their names, so one shard at a time."""
    in_order = Image.objects.order_by(Collate("file", "C")).values_list("file", flat=True)
    for shard, originals in groupby(in_order.iterator(CHUNK), shard_of):
        yield shard, {name for original in originals for name in names_of(original)}


def shard_of(name: str) -> str:
    return PurePosixPath(name).parent.name


def listed(folder: str, claimed: Claims) -> Iterator[tuple[list[str], set[str]]]:
    """The files in the shards of a folder, some at a time, with what is claimed there."""
    upcoming = next(claimed, None)
    for shard in folders_in(folder):
        while upcoming and upcoming[0] < shard:
            upcoming = next(claimed, None)
        known = upcoming[1] if upcoming and upcoming[0] == shard else set()
        for names in chunks(files_in(f"{folder}/{shard}"), CHUNK):
            yield names, known


def strays_among(
    names: Sequence[str], known: set[str], kind: Kind, before: float
) -> Iterator[Defect]:
    unknown = {name: name.removesuffix(PART) for name in names if name not in known}
    if not unknown:
        return
    rows = StrayFile.objects.filter(name__in=[shown(whole) for whole in unknown.values()])
    announced = set(rows.values_list("name", flat=True))
    for name, whole in unknown.items():
        if whole not in announced and is_older(name, before):
            # By its own name, for a part may lie beside the whole file that somebody claims.
            yield Defect(kind if is_tellable(name) else FOREIGN, shown(name), name)


def is_older(name: str, before: float) -> bool:
    """Whether the file is there, and older than that moment."""
    try:
        return Path(default_storage.path(name)).stat().st_mtime < before
    except FileNotFoundError:
        return False


def is_tellable(name: str) -> bool:
    """Whether a row can name it: ours can, whatever else somebody may have put there."""
    return len(name) <= MOST_CHARACTERS and shown(name) == name


def shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def folders_in(folder: str) -> list[str]:
    return sorted(entry.name for entry in entries_of(folder) if entry.is_dir())


def files_in(folder: str) -> Iterator[str]:
    for entry in entries_of(folder):
        if not entry.is_dir():
            yield f"{folder}/{entry.name}"


def entries_of(folder: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(default_storage.path(folder)) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def count() -> int:
    """About how many files there are to look at."""
    return Image.objects.count() * (1 + len(KINDS))


STRAYS = Check("files", count, find_defects)

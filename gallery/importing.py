"""Files of this machine, through the same door as everybody's.

Several threads read, judge and hash them, a few files ahead; one asks the database.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from django.core.files.base import File

from gallery.imagefile import NoSpace, NotAnImage, RejectedFile
from gallery.ingest import Inspected, Labels, look_at, printable, store_inspected
from gallery.metadata import Metadata, read_metadata
from gallery.models import Album, Image, Tag, User
from gallery.patience import patiently
from gallery.sources import Found, Outcome, Stamp, unreadable

# In characters.
MOST_IN_IMAGE_TITLE = Image._meta.get_field("title").max_length
MOST_IN_ALBUM_TITLE = Album._meta.get_field("title").max_length
MOST_IN_TAG = Tag._meta.get_field("name").max_length
THREADS = min(os.cpu_count() or 1, 8)
AHEAD = 2 * THREADS


@dataclass(frozen=True)
class Plan:
    """Whose images the files become, and what is said of them."""

    owner: User
    labels: Labels = field(default_factory=Labels)
    # "album" or "tag": what the name of its folder becomes.
    by_folder: str = ""
    with_metadata: bool = True
    is_dry: bool = False
    # What a dry run would have stored.
    would_store: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Looked:
    """What was found out about a file without the database, while it had that stamp."""

    inspected: Inspected
    metadata: Metadata
    stamp: Stamp


Result = tuple[Outcome, str]


def import_files(files: Iterable[Found], plan: Plan) -> Iterator[tuple[Found, Outcome, str]]:
    """Import them one by one in their order; of each what became of it, and why it was rejected.

    Raises NoSpace: no other file would fare better.
    """
    pool = ThreadPoolExecutor(THREADS)
    waiting: deque[tuple[Found, Future[Looked] | None]] = deque()
    try:
        for found in files:
            ahead = None if found.outcome else pool.submit(look, found, plan)
            waiting.append((found, ahead))
            if len(waiting) > AHEAD:
                yield finished(*waiting.popleft(), plan)
        while waiting:
            yield finished(*waiting.popleft(), plan)
    finally:
        pool.shutdown(cancel_futures=True)


def look(found: Found, plan: Plan) -> Looked:
    with found.open() as file:
        stamp = found.stamp()
        inspected = look_at(file)
        metadata = Metadata()
        if plan.with_metadata:
            metadata = read_metadata(file, found.sidecar())
    return Looked(inspected, metadata, stamp)


def finished(
    found: Found, ahead: "Future[Looked] | None", plan: Plan
) -> tuple[Found, Outcome, str]:
    if ahead is None:
        return found, found.outcome or Outcome.SKIPPED, found.reason
    return found, *result_of(found, ahead, plan)


def result_of(found: Found, ahead: "Future[Looked]", plan: Plan) -> Result:
    try:
        looked = ahead.result()
        if plan.is_dry:
            return imagined(looked.inspected.sha256, plan)
        return patiently(partial(store, found, looked, plan))
    except NoSpace:
        raise
    except NotAnImage as error:
        rejected = Outcome.REJECTED, str(error)
        return rejected if found.is_named_as_image else (Outcome.SKIPPED, "")
    except RejectedFile as error:
        return Outcome.REJECTED, str(error)
    except OSError as error:
        return Outcome.REJECTED, unreadable(error)


def imagined(sha256: str, plan: Plan) -> Result:
    """What storing it would come to."""
    image = Image.objects.owned_by(plan.owner).filter(sha256=sha256).first()
    if image and image.trashed_at:
        return Outcome.RESTORED, ""
    if image or sha256 in plan.would_store:
        return Outcome.KNOWN, ""
    plan.would_store.add(sha256)
    return Outcome.IMPORTED, ""


def store(found: Found, looked: Looked, plan: Plan) -> Result:
    with found.open() as handle:
        if found.stamp() != looked.stamp:
            # What is stored must be what was hashed.
            looked = look(found, plan)
        labels = described(labels_of(found, plan), looked.metadata)
        file = File(handle, name=printable(found.path.name))
        image, is_new = store_inspected(plan.owner, file, looked.inspected, labels)
    if image.was_restored:
        return Outcome.RESTORED, ""
    return (Outcome.IMPORTED if is_new else Outcome.KNOWN), ""


def labels_of(found: Found, plan: Plan) -> Labels:
    return (
        labelled_by_folder(plan.labels, found.path, plan.by_folder)
        if plan.by_folder
        else plan.labels
    )


def described(labels: Labels, metadata: Metadata) -> Labels:
    """`labels` with what its file says of an image, which counts if it is new."""
    return replace(
        labels,
        title=printable(metadata.title)[:MOST_IN_IMAGE_TITLE],
        rating=metadata.rating,
        keywords=[tag_name(keyword) for keyword in metadata.keywords],
    )


def labelled_by_folder(labels: Labels, path: Path, as_what: str) -> Labels:
    """`labels` with the name of the folder that holds `path` as the album or as a tag."""
    # Not resolved: a folder that is a link has the name under which people see it.
    folder = Path(os.path.abspath(path)).parent  # noqa: PTH100
    if as_what == "album":
        return replace(labels, album=printable(folder.name)[:MOST_IN_ALBUM_TITLE])
    return replace(labels, tags=[tag_name(folder.name)])


def tag_name(text: str) -> str:
    return printable(text)[:MOST_IN_TAG]

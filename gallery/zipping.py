"""Many files as one ZIP, which is made while it is sent: neither memory nor disk holds it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from zipfile import ZIP_STORED

from django.core.files.storage import default_storage
from zipstream import ZipStream

from gallery.filenames import download_name
from gallery.models import Image, State

BLOCK = 256 * 1024
CHUNK = 200
MISSING = "missing.txt"


def zip_of(images: Sequence[int], kind: str) -> Iterator[bytes]:
    """The originals, or the renditions of one kind, of images by primary key, in their order.

    Pictures are compressed already, so they are stored as they are. What storage has not is named
    in a file of its own.
    """
    archive = ZipStream(compress_type=ZIP_STORED)
    names: Counter[str] = Counter()
    missing: list[str] = []
    for start in range(0, len(images), CHUNK):
        pks = images[start : start + CHUNK]
        found = Image.objects.kept().select_related("rendering").in_bulk(pks)
        for image in (found[pk] for pk in pks if pk in found):
            stored, name = file_of(image, kind)
            if stored and default_storage.exists(stored):
                archive.add(blocks_of(stored), once(name, names))
            else:
                missing.append(name)
        yield from archive.all_files()
    if missing:
        archive.add("\n".join(missing) + "\n", MISSING)
    yield from archive.finalize()


def file_of(image: Image, kind: str) -> tuple[str, str]:
    """Its name in storage, empty where it is not made yet, and the one that people know."""
    name = download_name(image)
    if not kind:
        return image.stored_name, name
    is_made = image.rendering.state == State.READY
    return image.rendition_name(kind) if is_made else "", f"{PurePath(name).stem}.jpg"


def once(name: str, names: "Counter[str]") -> str:
    """The name with a number where the archive has it already, in whatever case."""
    path = PurePath(name)
    names[name.lower()] += 1
    if (count := names[name.lower()]) == 1:
        return name
    return once(f"{path.stem} ({count}){path.suffix}", names)


def blocks_of(name: str) -> Iterator[bytes]:
    with default_storage.open(name) as file:
        while block := file.read(BLOCK):
            yield block

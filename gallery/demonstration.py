"""A large gallery to try things out on: drawn pictures, and cheap copies of them beyond a few."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image as Pillow

from gallery.chunks import chunks
from gallery.ingest import Labels, store_image
from gallery.labels import own_tag
from gallery.models import Album, AlbumItem, Image, Rendering, State, StrayFile, User, Visibility
from gallery.renditions import Renditions, make_renditions
from gallery.scenes import draw_scene
from gallery.signals import images_copied

# So many are drawn; the others are copies of these with other bytes, dates and labels.
DRAWN = 350
CHUNK = 1000
# Longest side of a copy.
SIDE = 480
LAST, YEARS = datetime(2026, 10, 31, 18, tzinfo=UTC), 12
PEOPLE = ("demo-anna", "demo-ben")
PLACES = ("Bergen", "Lisbon", "Kyoto", "Tórshavn", "Gdańsk", "Valparaíso", "Hobart", "Aarhus")
WORDS = ("holiday", "family", "to print", "work", "experiment", "black and white", "unsorted")
VISIBILITIES = [Visibility.PRIVATE] * 5 + [Visibility.MEMBERS] * 4 + [Visibility.PUBLIC]


@dataclass(frozen=True)
class Original:
    """A drawn picture that was stored, as its copies need it."""

    image: Image
    kind: str
    jpeg: bytes
    size: tuple[int, int]
    renditions: Renditions


def draw(owner: User, count: int) -> Iterator[bool]:
    """Store the first `count` pictures through the door; for each, whether it is new."""
    for number in range(min(count, DRAWN)):
        yield store_drawn(owner, number)[2]


def store_drawn(owner: User, number: int) -> tuple[Image, str, bool]:
    kind, jpeg = draw_scene(number)
    title = f"{kind.capitalize()} {number + 1}"
    file = ContentFile(jpeg, name=f"{title}.jpg")
    labels = Labels(title, tags=[kind], visibility=Visibility.MEMBERS)
    image, is_new = store_image(owner, file, labels)
    if is_new:
        Image.objects.filter(pk=image.pk).update(taken_at=date_of(chance(number)))
    return image, kind, is_new


def chance(number: int) -> Random:
    """The same fate for the same picture each time."""
    return Random(number)  # noqa: S311 - drawing, not secrets


def date_of(random: Random) -> datetime | None:
    """On one of some hundred days, most of them lately; a few have none."""
    if random.random() < 0.02:
        return None
    day = int(random.random() ** 1.5 * 400) * 11 % (YEARS * 365)
    return LAST - timedelta(days=day, seconds=random.randrange(10 * 3600))


def copy(owner: User, count: int) -> Iterator[int]:
    """Store the pictures beyond the drawn ones; yields how many are there after each lot."""
    there = set(
        Image.objects.filter(file_name__startswith="demo-").values_list("file_name", flat=True)
    )
    missing = (number for number in range(DRAWN, count) if file_name(number) not in there)
    owners = [owner, owner, owner, *map(stranger, PEOPLE)]
    originals: dict[int, Original] = {}
    for numbers in chunks(missing, CHUNK):
        for seed in {number % DRAWN for number in numbers} - originals.keys():
            originals[seed] = original_of(owner, seed)
        store_copies([(n, owners[n % len(owners)], originals[n % DRAWN]) for n in numbers])
        yield len(numbers)


def file_name(number: int) -> str:
    return f"demo-{number:06}.jpg"


def stranger(name: str) -> User:
    """Somebody else, who can't sign in."""
    user, is_new = User.objects.get_or_create(username=name)
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def original_of(owner: User, seed: int) -> Original:
    image, kind, _ = store_drawn(owner, seed)
    with image.file.open() as file:
        picture = Pillow.open(file)
        picture.thumbnail((SIDE, SIDE))
        out = BytesIO()
        picture.save(out, "JPEG", quality=80)
    return Original(image, kind, out.getvalue(), picture.size, make_renditions(out))


def store_copies(wanted: list[tuple[int, User, Original]]) -> None:
    """Files first, announced, then all rows in one transaction, as at the door."""
    copies = [imagined(number, owner, original) for number, owner, original in wanted]
    files = [name for image in copies for name in image.file_names()]
    StrayFile.objects.announce(files)
    for image, (number, _, original) in zip(copies, wanted, strict=True):
        write_files(image, number, original)
    with transaction.atomic():
        Image.objects.bulk_create(copies)
        Rendering.objects.bulk_create(
            Rendering(image=image, state=State.READY, color=original.renditions.color)
            for image, (_, _, original) in zip(copies, wanted, strict=True)
        )
        label(copies, [original.kind for _, _, original in wanted])
        originals = [original.image for _, _, original in wanted]
        images_copied.send(Image, copies=list(zip(copies, originals, strict=True)))
        StrayFile.objects.adopt(files)


def bytes_of(number: int, original: Original) -> bytes:
    """The original's picture; what is behind its end makes these other bytes."""
    return original.jpeg + b"demo %d" % number


def imagined(number: int, owner: User, original: Original) -> Image:
    random = chance(number)
    data = bytes_of(number, original)
    taken_at = date_of(random)
    return Image(
        owner=owner,
        title=f"{original.kind.capitalize()} near {random.choice(PLACES)}",
        description="" if random.random() < 0.8 else "Drawn, to look at a large gallery.",
        visibility=random.choice(VISIBILITIES),
        file=Image.new_file_name("jpg"),
        file_name=file_name(number),
        sha256=sha256(data).hexdigest(),
        byte_size=len(data),
        format="JPEG",
        width=original.size[0],
        height=original.size[1],
        taken_at=taken_at,
        created_at=(taken_at or LAST) + timedelta(days=random.randrange(1, 20)),
        rating=random.choice([0] * 8 + [3, 4, 5]),
    )


def write_files(image: Image, number: int, original: Original) -> None:
    """Not synced to the disk one by one, as an upload is: that would take hours."""
    path = Path(default_storage.path(image.stored_name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes_of(number, original))
    for kind, data in original.renditions.files.items():
        write_once(Path(default_storage.path(image.rendition_name(kind))), data)


def write_once(path: Path, data: bytes) -> None:
    """Of the same bytes there is one file with many names; files are replaced, never changed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shared = Path(default_storage.path(f"renditions/demo/{sha256(data).hexdigest()}.jpg"))
    if not shared.exists():
        shared.parent.mkdir(parents=True, exist_ok=True)
        shared.write_bytes(data)
    os.link(shared, path)


def label(images: list[Image], kinds: list[str]) -> None:
    """Tags for all, an album for some: that of a place and a year."""
    tags: dict[tuple[int, str], int] = {}
    albums: dict[tuple[int, str], Album] = {}
    given, items = [], []
    for image, kind in zip(images, kinds, strict=True):
        random = Random(image.sha256)  # noqa: S311 - drawing, not secrets
        for name in (kind, random.choice(WORDS)):
            key = (image.owner_id, name)
            if key not in tags:
                tags[key] = own_tag(image.owner, name).pk
            given.append(Image.tags.through(image_id=image.pk, tag_id=tags[key]))
        if image.taken_at and random.random() < 0.4:
            title = f"{random.choice(PLACES)} {image.taken_at.year}"
            found = albums.get((image.owner_id, title))
            if not found:
                found = Album.objects.get_or_create(owner=image.owner, title=title)[0]
                albums[image.owner_id, title] = found
            items.append(AlbumItem(album=found, image=image, position=image.pk))
    Image.tags.through.objects.bulk_create(given)
    AlbumItem.objects.bulk_create(items)

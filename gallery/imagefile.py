"""What an uploaded file really is, judged by its content at the door. No ORM in here."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO

import pillow_heif
from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext
from PIL import Image, UnidentifiedImageError

from gallery.exif import Recorded, date_in, exif_of, lies_on_its_side, recorded_in

pillow_heif.register_heif_opener()
# We check the size ourselves, with a limit an administrator can set.
Image.MAX_IMAGE_PIXELS = None

SUFFIXES = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "GIF": "gif",
    "TIFF": "tif",
    "AVIF": "avif",
    "HEIF": "heic",
}
MIME_TYPES = {name: Image.MIME.get(name, f"image/{name.lower()}") for name in SUFFIXES}
# A phone's JPEG with a second picture behind the first, such as a depth map.
SAME_AS = {"MPO": "JPEG"}
NAMES = "JPEG, PNG, WebP, GIF, TIFF, AVIF or HEIC"
CHUNK = 1024 * 1024


class RejectedFile(Exception):
    """A file that is not let in. `status` is the HTTP status, the message is for people."""

    status = 400


class TooLarge(RejectedFile):
    status = 413


class NotAnImage(RejectedFile):
    status = 415


class NoSpace(RejectedFile):
    status = 507


@dataclass(frozen=True)
class ImageFacts:
    """What the file's header says. Width and height are as shown, orientation applied."""

    format: str
    width: int
    height: int
    frames: int
    taken_at: datetime | None
    recorded: Recorded

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.format]


def inspect(file: IO[bytes]) -> ImageFacts:
    """Return the facts of an image file, or raise RejectedFile with a sentence for its sender.

    Only the header is read, never the pixels: a bomb does not go off here.
    """
    check_byte_size(file)
    with opened(file) as image:
        check_pixels(image.width, image.height)
        frames = count_frames(image)
        facts = read_facts(image, frames)
    file.seek(0)
    return facts


def check_byte_size(file: IO[bytes]) -> None:
    size = file.seek(0, 2)
    file.seek(0)
    if not size:
        raise RejectedFile(gettext("The file is empty."))
    if size > settings.IMAGE_MAX_BYTES:
        sizes = {"size": megabytes(size), "allowed": megabytes(settings.IMAGE_MAX_BYTES)}
        text = gettext("The file has %(size)s MB; at most %(allowed)s MB are allowed.")
        raise TooLarge(text % sizes)


def megabytes(size: int) -> str:
    return number_format(f"{size / 1_000_000:.1f}")


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Image.Image]:
    """The image behind the file, whatever the file is called; RejectedFile if there is none."""
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd but harmless metadata.
            warnings.simplefilter("ignore")
            with Image.open(file, formats=list(SUFFIXES)) as image:
                yield image
    except UnidentifiedImageError:
        text = gettext("This is not an image we can read: %(names)s are.")
        raise NotAnImage(text % {"names": NAMES}) from None
    except RejectedFile:
        raise
    # A damaged header raises nearly anything, depending on the format.
    except Exception:
        raise NotAnImage(gettext("The file is damaged: its header can't be read.")) from None


def check_pixels(width: int, height: int) -> None:
    if width * height > settings.IMAGE_MAX_PIXELS:
        text = gettext(
            "The image has %(width)s × %(height)s pixels; at most %(most)s megapixels are allowed."
        )
        most = f"{settings.IMAGE_MAX_PIXELS / 1_000_000:g}"
        raise TooLarge(text % {"width": width, "height": height, "most": most})


def count_frames(image: Image.Image) -> int:
    if image.format in SAME_AS:
        return 1
    frames = getattr(image, "n_frames", 1)
    if frames > settings.IMAGE_MAX_FRAMES:
        text = gettext("The image has %(frames)s frames; at most %(most)s are allowed.")
        raise TooLarge(text % {"frames": frames, "most": settings.IMAGE_MAX_FRAMES})
    return frames


def read_facts(image: Image.Image, frames: int) -> ImageFacts:
    exif = exif_of(image)
    # Of a TIFF Pillow gives the upright size.
    lies = image.format != "TIFF" and lies_on_its_side(exif)
    width, height = (image.height, image.width) if lies else image.size
    name = str(image.format)
    return ImageFacts(
        SAME_AS.get(name, name), width, height, frames, date_in(exif), recorded_in(exif)
    )


def read_recorded(file: IO[bytes]) -> Recorded:
    """What a camera wrote into a file that passed the door before. Raises RejectedFile."""
    with opened(file) as image:
        return recorded_in(exif_of(image))


def sha256_of(file: IO[bytes]) -> str:
    """Hex SHA-256 of the whole file, which is left at its beginning."""
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()

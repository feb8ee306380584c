"""What a file says about its picture: title, keywords and stars, by XMP and IPTC. No ORM in here.

XMP is ISO 16684-1; IPTC is the Information Interchange Model, whose numbers are those of its
record 2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, ImageFile, IptcImagePlugin

from gallery.imagefile import opened
from gallery.plain_text import plain

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
IPTC_TITLE, IPTC_KEYWORDS, IPTC_CHARSET = (2, 5), (2, 25), (1, 90)
UTF_8 = b"\x1b%G"
MOST_BYTES = 4 * 1024 * 1024
MOST_KEYWORDS = 200
MOST_STARS = 5


@dataclass(frozen=True)
class Metadata:
    title: str = ""
    keywords: tuple[str, ...] = ()
    # 0 is none.
    rating: int = 0

    def or_else(self, other: "Metadata") -> "Metadata":
        """What this says, what it does not say by `other`, and the keywords of both."""
        keywords = dict.fromkeys([*self.keywords, *other.keywords])
        return Metadata(
            self.title or other.title,
            tuple(keywords)[:MOST_KEYWORDS],
            self.rating or other.rating,
        )


def read_metadata(file: IO[bytes], sidecar: bytes = b"") -> Metadata:
    """What the image file says, and before it the XMP file that lay beside it.

    What can't be read says nothing: unreadable metadata are no reason to refuse a picture.
    """
    with opened(file) as image:
        embedded = image.info.get("xmp") or b""
        found = of_xmp(embedded).or_else(of_iptc(image))
    file.seek(0)
    return of_xmp(sidecar).or_else(found)


def of_xmp(packet: bytes | str) -> Metadata:
    data = packet.encode("utf-8", "replace") if isinstance(packet, str) else packet
    if not data or len(data) > MOST_BYTES:
        return Metadata()
    try:
        root = fromstring(data.strip(b"\0 \n"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return Metadata()
    found = Metadata()
    for description in root.iter(f"{RDF}Description"):
        found = found.or_else(of_description(description))
    return found


def of_description(description: "Element") -> Metadata:
    title = next(texts_in(description, f"{DC}title"), "")
    keywords = texts_in(description, f"{DC}subject")
    stars = description.get(f"{XMP}Rating") or description.findtext(f"{XMP}Rating")
    return Metadata(title, tuple(keywords), rating_of(stars))


def texts_in(description: "Element", name: str) -> Iterator[str]:
    """The items of that property's list, whichever kind of list it is."""
    for item in description.iterfind(f"{name}/*/{RDF}li"):
        if text := plain(item.text or ""):
            yield text


def rating_of(stars: str | None) -> int:
    """0 to 5; -1 is what XMP says of a rejected picture."""
    try:
        return max(0, min(round(float(stars or 0)), MOST_STARS))
    except (ValueError, OverflowError):
        return 0


def of_iptc(image: Image.Image) -> Metadata:
    if not isinstance(image, ImageFile.ImageFile):
        return Metadata()
    try:
        found = IptcImagePlugin.getiptcinfo(image) or {}
    # Damaged blocks raise nearly anything.
    except Exception:
        return Metadata()
    encoding = "utf-8" if found.get(IPTC_CHARSET) == UTF_8 else "latin-1"
    title = [decoded(value, encoding) for value in listed(found.get(IPTC_TITLE))]
    keywords = [decoded(value, encoding) for value in listed(found.get(IPTC_KEYWORDS))]
    return Metadata(next(iter(title), ""), tuple(filter(None, keywords)))


def listed(value: bytes | list[bytes] | None) -> list[bytes]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def decoded(value: bytes, encoding: str) -> str:
    """Many programs write UTF-8 and do not say so."""
    try:
        return plain(value.decode("utf-8"))
    except UnicodeDecodeError:
        return plain(value.decode(encoding, "replace"))

"""Titles, keywords and stars that a file brings along, by XMP, IPTC and a file beside it."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Pillow

from gallery.metadata import Metadata, of_xmp, read_metadata

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4">
 <dc:title><rdf:Alt><rdf:li xml:lang="x-default">A  harbour
 at dawn</rdf:li></rdf:Alt></dc:title>
 <dc:subject><rdf:Bag><rdf:li>Boats</rdf:li><rdf:li>Küste</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
TOLD = Metadata("A harbour at dawn", ("Boats", "Küste"), 4)


def block(number: int, value: bytes, record: int = 2) -> bytes:
    return bytes([0x1C, record, number]) + len(value).to_bytes(2, "big") + value


def jpeg(*blocks: bytes, **save: Any) -> BytesIO:
    """A JPEG with these IPTC blocks in its Photoshop segment."""
    out = BytesIO()
    Pillow.new("RGB", (8, 8)).save(out, "JPEG", **save)
    data = b"".join(blocks)
    if not data:
        return BytesIO(out.getvalue())
    padded = data + b"\0" * (len(data) % 2)
    resource = b"8BIM\x04\x04\0\0" + len(data).to_bytes(4, "big") + padded
    segment = b"Photoshop 3.0\0" + resource
    head = b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment
    return BytesIO(out.getvalue()[:2] + head + out.getvalue()[2:])


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_xmp_is_read_from_every_format_that_holds_it(format: str) -> None:
    out = BytesIO()
    options: dict[str, Any] = {"xmp": PACKET.encode()}
    if format == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", PACKET)
        options = {"pnginfo": info}
    if format == "TIFF":
        options = {"tiffinfo": {700: PACKET.encode()}}
    Pillow.new("RGB", (64, 64)).save(out, format, **options)
    assert read_metadata(out) == TOLD
    assert out.tell() == 0


def test_iptc_is_read_whatever_its_encoding() -> None:
    blocks = [block(5, "Hafen früh".encode()), block(25, "Küste".encode("latin-1"))]
    assert read_metadata(jpeg(*blocks)) == Metadata("Hafen früh", ("Küste",))
    marked = [block(90, b"\x1b%G", record=1), block(25, "Küste".encode()), block(25, b"Boats\0")]
    assert read_metadata(jpeg(*marked)).keywords == ("Küste", "Boats")


def test_a_sidecar_goes_before_xmp_and_that_before_iptc() -> None:
    file = jpeg(block(5, b"By IPTC"), block(25, b"Boats"), block(25, b"Sea"), xmp=PACKET.encode())
    assert read_metadata(file) == Metadata("A harbour at dawn", ("Boats", "Küste", "Sea"), 4)
    beside = PACKET.replace("A  harbour\n at dawn", "Beside").replace("Boats", "Ships")
    found = read_metadata(file, beside.encode())
    assert (found.title, found.keywords) == ("Beside", ("Ships", "Küste", "Boats", "Sea"))


@pytest.mark.parametrize(
    ("stars", "rating"), [("5", 5), ("3.0", 3), ("-1", 0), ("9", 5), ("nan", 0), ("many", 0)]
)
def test_stars_are_none_to_five(stars: str, rating: int) -> None:
    assert of_xmp(PACKET.replace('"4"', f'"{stars}"')).rating == rating
    element = PACKET.replace(' xmp:Rating="4">', f"><xmp:Rating>{stars}</xmp:Rating>")
    assert of_xmp(element).rating == rating


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"no xml",
        PACKET.encode()[:200],
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        b'<?xml version="1.0" encoding="nonsense"?><x/>',
        b"<a>" + b"b" * (4 * 1024 * 1024) + b"</a>",
    ],
)
def test_what_can_not_be_read_says_nothing(packet: bytes) -> None:
    assert of_xmp(packet) == Metadata()


def test_damaged_iptc_says_nothing() -> None:
    assert read_metadata(jpeg(b"\x1c\x02")) == Metadata()
    assert read_metadata(jpeg()) == Metadata()

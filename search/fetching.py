"""Fetching a picture from an address on the web: from a public one, soon, and not too much."""

import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillRunning
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from ssl import SSLCertVerificationError, SSLContext
from tempfile import TemporaryFile
from threading import BoundedSemaphore, Timer
from time import monotonic
from typing import IO
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.base import File
from django.utils.translation import gettext
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Url, parse_url

from gallery.imagefile import CHUNK, NotAnImage, RejectedFile, TooLarge, megabytes

Address = IPv4Address | IPv6Address

GLOBAL_UNICAST = IPv6Network("2000::/3")
# RFC 6052: the last 32 bits are the IPv4 address behind the translator.
TRANSLATED = IPv6Network("64:ff9b::/96")
REDIRECTS = {301, 302, 303, 307, 308}
UNTOLD_TYPES = {"", "application/octet-stream", "binary/octet-stream"}
HEADERS = {
    "User-Agent": "Lookalike",
    "Accept": "image/*",
    # What is not unpacked can't grow.
    "Accept-Encoding": "identity",
    "Connection": "close",
}
# Each holds a thread of the web server for as long as it takes.
at_once = BoundedSemaphore(2)
# The system's resolver knows no limit of time, so it is waited for from outside.
resolvers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="resolver")


class Unfetchable(RejectedFile):
    """An address nothing can be fetched from; the message says what to do about it."""


class TooManyFetches(RejectedFile):
    status = 503


def is_public(address: Address) -> bool:
    """Whether it lies on the open internet, addresses inside of addresses included."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in TRANSLATED:
            inner = IPv4Address(address.packed[-4:])
        if inner:
            return is_public(inner)
        return address in GLOBAL_UNICAST and address.is_global
    return address.is_global and not address.is_multicast


def resolve(host: str, port: int) -> list[str]:
    """The numeric addresses of `host`; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Policy:
    """From where, and for how long, something is fetched."""

    allows: Callable[[Address], bool] = is_public
    resolve: Callable[[str, int], list[str]] = resolve
    seconds: float = 10.0
    redirects: int = 3
    # Whom to trust in HTTPS; None for those whom this machine trusts.
    trust: SSLContext | None = None


POLICY = Policy()


class Deadline:
    """The one moment until which everything must be done."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises Unfetchable when there are none."""
        left = self._until - monotonic()
        if left <= 0:
            raise Unfetchable(
                gettext("That server is too slow: save the picture and upload it instead.")
            )
        return left


@contextmanager
def fetched(url: str, policy: Policy | None = None) -> Iterator[File]:
    """The file behind `url`, in a temporary file; raises RejectedFile with what to do.

    The name is resolved once and the connection made to that very address, so that what was
    checked is what is asked; a redirect is checked like a new address.
    """
    if not at_once.acquire(blocking=False):
        raise TooManyFetches(
            gettext("Other pictures are being fetched: try again in a few seconds.")
        )
    try:
        with TemporaryFile() as out:
            download(url, policy or POLICY, out)
            out.seek(0)
            yield File(out)
    finally:
        at_once.release()


def download(url: str, policy: Policy, out: IO[bytes]) -> None:
    deadline = Deadline(policy.seconds)
    for _ in range(policy.redirects + 1):
        with asked(checked_url(url), policy, deadline) as response:
            location = response.headers.get("Location", "")
            if response.status not in REDIRECTS or not location:
                check_answer(response)
                keep(response, deadline, out)
                return
        url = urljoin(url, location)
    raise Unfetchable(gettext("This address leads from one to the next: give the picture's own."))


def checked_url(url: str) -> Url:
    try:
        parts = parse_url(url.strip())
    except LocationParseError:
        raise Unfetchable(gettext("This is no address of the web.")) from None
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise Unfetchable(gettext("Give an address that begins with http:// or https://."))
    if parts.auth:
        raise Unfetchable(gettext("Give the address without a user name or password in it."))
    return parts


@contextmanager
def asked(url: Url, policy: Policy, deadline: Deadline) -> Iterator[BaseHTTPResponse]:
    """The answer of the server behind `url`, whatever it is; the deadline cuts the line."""
    connection = connected(url, policy, deadline)
    # A limit for each read would let one byte every few seconds go on for ever.
    cutter = Timer(deadline.left(), cut, [connection.sock])
    cutter.start()
    try:
        headers = {**HEADERS, "Host": url.netloc or ""}
        connection.request(
            "GET", url.request_uri, headers=headers, preload_content=False, decode_content=False
        )
        with closing(connection.getresponse()) as response:
            yield response
    except (HTTPError, HTTPException, OSError) as error:
        deadline.left()
        raise Unfetchable(gettext("The connection to that server broke off: try again.")) from error
    finally:
        cutter.cancel()
        connection.close()


def cut(line: socket.socket) -> None:
    try:
        # Past the TLS around it, which the reader may be in the midst of.
        socket.socket.shutdown(line, socket.SHUT_RDWR)
    except OSError:
        # It ended by itself just now.
        return


def connected(url: Url, policy: Policy, deadline: Deadline) -> HTTPConnection:
    """A connection to the first of the host's addresses that takes one."""
    host = (url.host or "").strip("[]")
    port = url.port or (443 if url.scheme == "https" else 80)
    for address in allowed_addresses(host, port, policy, deadline):
        connection = line_to(address, port, host, url.scheme, policy)
        connection.timeout = deadline.left()
        try:
            connection.connect()
        except (HTTPError, OSError) as error:
            connection.close()
            if isinstance(error, SSLCertVerificationError):
                raise Unfetchable(
                    gettext("That server's certificate is not valid for its name.")
                ) from error
            continue
        return connection
    deadline.left()
    raise Unfetchable(gettext("That server does not answer: check the address."))


def line_to(
    address: str, port: int, host: str, scheme: str | None, policy: Policy
) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(address, port)
    return HTTPSConnection(address, port, server_hostname=host, ssl_context=policy.trust)


def allowed_addresses(host: str, port: int, policy: Policy, deadline: Deadline) -> Iterable[str]:
    """Where `host` is; a name of which any address is not allowed has none."""
    try:
        found = resolvers.submit(policy.resolve, host, port).result(deadline.left())
    except (OSError, UnicodeError, StillRunning):
        text = gettext("There is no server called %(host)s.")
        raise Unfetchable(text % {"host": host}) from None
    if not found or not all(policy.allows(ip_address(address)) for address in found):
        raise Unfetchable(
            gettext("This address is not on the public web: upload the picture instead.")
        )
    return found


def check_answer(response: BaseHTTPResponse) -> None:
    if response.status != 200:
        text = gettext("That server has no picture there: it answers %(status)s.")
        raise Unfetchable(text % {"status": response.status})
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Unfetchable(
            gettext("That server sends the picture packed: save it and upload it instead.")
        )
    said = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not said.startswith("image/") and said not in UNTOLD_TYPES:
        text = gettext("There is no picture but %(type)s: give the address of the picture itself.")
        raise NotAnImage(text % {"type": said})
    check_length(response.length_remaining or 0)


def check_length(length: int) -> None:
    if length > settings.IMAGE_MAX_BYTES:
        allowed = megabytes(settings.IMAGE_MAX_BYTES)
        text = gettext("The picture there is too large: at most %(allowed)s MB are allowed.")
        raise TooLarge(text % {"allowed": allowed})


def keep(response: BaseHTTPResponse, deadline: Deadline, out: IO[bytes]) -> None:
    for chunk in response.stream(CHUNK, decode_content=False):
        out.write(chunk)
        check_length(out.tell())
        deadline.left()
    # A line that was cut may look like one that ended.
    deadline.left()

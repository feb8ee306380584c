"""The web address the gallery listens on."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from retrieval_site.embedded.refusal import Refusal


@dataclass(frozen=True)
class Address:
    """A numeric IPv4 or IPv6 address (without brackets) and a TCP port."""

    host: str
    port: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Address":
        """BIND and PORT; this machine only and 8000 by default. Raises Refusal on a bad value."""
        port = environment.get("PORT") or "8000"
        if not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
            raise Refusal(f"PORT={port!r} is not a port number: 1 to 65535 is allowed.")
        host = (environment.get("BIND") or "127.0.0.1").strip("[]")
        try:
            found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refusal(f"BIND={host!r} is no address or name that this machine knows.") from None
        return cls(str(found[0][4][0]), int(port))

    def __str__(self) -> str:
        """Host and port as gunicorn's --bind takes them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """What a browser on this machine opens."""
        if self.host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
            return f"http://localhost:{self.port}/"
        return f"http://{self}/"

    def check_free(self) -> None:
        """Raise Refusal, with the remedy, where a server could not listen here."""
        with socket.socket(self._family) as probe:
            # As the server will: connections of a stopped one may linger for a minute.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise Refusal(self._why_not(error)) from None

    def answers(self) -> bool:
        """Whether something accepts connections here."""
        with socket.socket(self._family) as client:
            client.settimeout(1)
            return client.connect_ex((self.host, self.port)) == 0

    @property
    def _family(self) -> socket.AddressFamily:
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    def _why_not(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"Port {self.port} on {self.host} is in use by another program:"
                f" stop that one, or choose another port with PORT={self.port + 1}."
            )
        if error.errno == errno.EACCES:
            return f"Port {self.port} is for root only: choose one above 1023, such as PORT=8000."
        return f"BIND={self.host} PORT={self.port} cannot be used: {error.strerror}."

"""A web server on this machine that behaves as badly as it is told."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

Answer = Callable[[socket.socket], None]
CERTIFICATE = Path(__file__).with_name("pictures.example.pem")


def said(status: str = "200 OK", body: bytes = b"", **headers: str) -> Answer:
    """An answer with those headers, `Content_Type` for `Content-Type`."""
    lines = [f"HTTP/1.1 {status}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return lambda line: line.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def picture(body: bytes) -> Answer:
    return said(body=body, Content_Type="image/png", Content_Length=str(len(body)))


def to(address: str) -> Answer:
    return said("302 Found", Location=address)


class Server:
    """Answers each connection with the next of `answers`, the last one again and again."""

    def __init__(self, *answers: Answer, trust: ssl.SSLContext | None = None) -> None:
        self.answers, self.heard = list(answers), list[str]()
        self._trust, self._socket = trust, socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def address(self, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}/photo.png"

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        # Until the listening socket is closed under it; then the thread has nothing to do.
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                Thread(target=self._answer, args=[line], daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        # Whoever asked may leave at any time.
        with suppress(OSError), line, self._secured(line) as secured:
            self.heard.append(secured.recv(65536).decode())
            answer(secured)

    def _secured(self, line: socket.socket) -> socket.socket:
        return self._trust.wrap_socket(line, server_side=True) if self._trust else line


@contextmanager
def serving(*answers: Answer, trust: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(*answers, trust=trust)
    try:
        yield server
    finally:
        server.close()

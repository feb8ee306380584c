"""People who upload and search all the time, and what they were told."""

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from random import Random
from threading import Event, Lock, Thread

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL.PngImagePlugin import PngInfo

from tests.conftest import picture_bytes
from tests.faults.installation import Installation

UPLOADERS, SEARCHERS = 2, 2
# Seconds until somebody who was refused tries again, and after which one gives up waiting.
PAUSE, PATIENCE = 0.2, 30
# By when searches must be answered again.
LONGEST = 120


class Traffic:
    """Uploads and searches of several people at once, while `going_on()`."""

    def __init__(self, gallery: Installation) -> None:
        self.gallery = gallery
        # What was sent, by its digest, and the image that it was said to be.
        self.sent: set[str] = set()
        self.accepted: dict[str, int] = {}
        # How often each status was answered; 0 where there was no answer.
        self.answers: Counter[int] = Counter()
        self.stack_traces: list[str] = []
        self._over = Event()
        self._lock = Lock()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        people = [self.keep_uploading] * UPLOADERS + [self.keep_searching] * SEARCHERS
        threads = [Thread(target=person) for person in people]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def keep_uploading(self) -> None:
        while not self._over.is_set():
            self.upload()

    def keep_searching(self) -> None:
        random = Random()
        while not self._over.is_set():
            known = list(self.accepted.values())
            if not known or not self.search(random.choice(known)):
                self._over.wait(PAUSE)

    def upload(self) -> None:
        """Send a picture that nobody had before, again and again until it is accepted."""
        data = picture_bytes(tuple(secrets.token_bytes(3)), size=(120, 90), pnginfo=unlike_any())
        digest = sha256(data).hexdigest()
        self.sent.add(digest)
        file = SimpleUploadedFile("photo.png", data)
        body = encode_multipart(BOUNDARY, {"file": file, "visibility": "public"})
        while not self._over.is_set():
            status, said = self.ask("POST", "/api/v1/images/", body)
            # 200 where it is there already: the answer to the first try was lost.
            if status in {200, 201}:
                self.accepted[digest] = json.loads(said)["id"]
                return
            self._over.wait(PAUSE)

    def search(self, image: int) -> bool:
        """Whether that image's neighbours were answered, by the API and on a page."""
        answers = [
            self.ask("GET", f"/api/v1/images/{image}/similar/?limit=5"),
            self.ask("GET", f"/images/{image}/similar/"),
        ]
        return answers[0][0] in {200, 202}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """The status and the text of the answer; status 0 where there was none."""
        connection = HTTPConnection("127.0.0.1", self.gallery.port, timeout=PATIENCE)
        headers = {"Authorization": f"Token {self.gallery.token}"}
        if body:
            headers["Content-Type"] = MULTIPART_CONTENT
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            status, said = answer.status, answer.read()
        except (OSError, HTTPException):
            status, said = 0, b""
        finally:
            connection.close()
        with self._lock:
            self.answers[status] += 1
            if b"Traceback" in said:
                self.stack_traces.append(said.decode())
        return status, said

    def until_served(self) -> float:
        """Seconds until one more upload is accepted and a search answered, from now on."""
        began = time.monotonic()
        self.upload()
        # Any: one that three kills in a row have hit is given up, and has no neighbours.
        while not self.search(Random().choice(list(self.accepted.values()))):
            assert time.monotonic() - began < LONGEST, self.gallery.report()
            time.sleep(PAUSE)
        return time.monotonic() - began


def unlike_any() -> PngInfo:
    info = PngInfo()
    info.add_text("number", secrets.token_hex(8))
    return info

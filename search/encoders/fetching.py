"""Weights of keras.applications: from a folder of this machine, or from where Keras keeps them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings

from gallery.storage import written_whole

if TYPE_CHECKING:
    from search.encoders.applications import Application

TIMEOUT_SECONDS = 30

# Wraps a file of so many bytes while it is read, as `tqdm.wrapattr` does.
Progress = Callable[[IO[bytes], int], AbstractContextManager[IO[bytes]]]


class WeightsUnavailable(Exception):
    """The weights can't be had; the message says which file to put where."""


def quietly(file: IO[bytes], size: int) -> AbstractContextManager[IO[bytes]]:
    return nullcontext(file)


def obtain(application: Application, folder: Path, progress: Progress = quietly) -> Path:
    """The weights' file in `folder`, put there from ENCODER_WEIGHTS_DIR or from their address.

    It has its name only when it is complete and its digest was right. Raises WeightsUnavailable.
    """
    target = folder / application.file_name
    folder.mkdir(parents=True, exist_ok=True)
    given = given_file(application)
    if given is not None:
        with given.open("rb") as file, progress(file, given.stat().st_size) as source:
            keep(source, target, application, str(given))
    elif not target.exists() or digest_of(target, application) != application.digest:
        download(application, target, progress)
    return target


def given_file(application: Application) -> Path | None:
    """The file in ENCODER_WEIGHTS_DIR, if the administrator has put it there."""
    if settings.ENCODER_WEIGHTS_DIR is None:
        return None
    path = Path(settings.ENCODER_WEIGHTS_DIR) / application.file_name
    return path if path.is_file() else None


def download(application: Application, target: Path, progress: Progress) -> None:
    try:
        with urlopen(application.url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - of our own table
            size = int(answer.headers.get("Content-Length", 0))
            with progress(answer, size) as source:
                keep(source, target, application, application.url)
    except (URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise WeightsUnavailable(
            f"{application.url} can't be fetched: {reason}.\n{remedy(application)}"
        ) from error


def keep(source: IO[bytes], target: Path, application: Application, origin: str) -> None:
    """Write the whole of `source` to `target`, or nothing."""
    with written_whole(target) as partial:
        with partial.open("wb") as out:
            shutil.copyfileobj(source, out, 1024 * 1024)
        found = digest_of(partial, application)
        if found != application.digest:
            raise WeightsUnavailable(
                f"{origin} is not the file that Keras publishes: its digest is {found}.\n"
                f"{remedy(application)}"
            )


def digest_of(path: Path, application: Application) -> str:
    """The file's hex digest of the kind that the application's is of."""
    kind = "md5" if len(application.digest) == 32 else "sha256"
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def remedy(application: Application) -> str:
    kind = "MD5" if len(application.digest) == 32 else "SHA-256"
    folder = settings.ENCODER_WEIGHTS_DIR or "a folder that ENCODER_WEIGHTS_DIR names"
    return (
        f"Put {application.file_name} ({kind} {application.digest}) from {application.url}"
        f" into {folder}, and add the encoder again."
    )

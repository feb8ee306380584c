"""One supervisor for one data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from retrieval_site.embedded.locations import REMEDY, Locations, private_folder
from retrieval_site.embedded.refusal import Refusal


@contextmanager
def hold(locations: Locations, url: str) -> Iterator[None]:
    """Keep the data folder to ourselves; the system lets go of it however this process ends.

    A second one is told our `url`. Raises Refusal where there is a first one.
    """
    private_folder(locations.var)
    try:
        handle = os.open(locations.lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Refusal(f"{locations.lock} cannot be used ({error.strerror}): {REMEDY}") from None
    with os.fdopen(handle, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Refusal(
                f"Already running at {file.read().strip()} with its data in {locations.var}."
                " A second gallery needs a VAR_DIR and a PORT of its own."
            ) from None
        file.truncate(0)
        file.write(url)
        file.flush()
        yield

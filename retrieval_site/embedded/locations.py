"""Where one gallery keeps its data, and how its embedded servers are reached."""

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from retrieval_site.embedded.refusal import Refusal

DATABASE = "lookalike"
ROLE = "lookalike"

POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_SOCKET = "redis.sock"

# sockaddr_un.sun_path less its closing zero: 107 bytes on Linux, 103 on macOS.
SOCKET_PATH_BYTES = 103


@dataclass(frozen=True)
class Locations:
    """The paths, addresses and secrets under `var`, the data folder of one gallery.

    Looking up an address or a secret creates the folder and the secret where they are missing, so
    that any process may be the first. Raises Refusal where the folder cannot be used.
    """

    var: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "var", self.var.resolve())

    @property
    def database_url(self) -> str:
        """The libpq URI of the embedded PostgreSQL, password included."""
        return self.database_url_for(DATABASE)

    def database_url_for(self, database: str) -> str:
        folder = quote(str(self.sockets), safe="")
        return f"postgresql://{ROLE}:{self.database_password}@/{database}?host={folder}"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.redis_socket))}?db=0"

    @property
    def secret_key(self) -> str:
        return self._secret(self.var / "secret-key")

    @property
    def database_password(self) -> str:
        return self._secret(self.database_password_file)

    @property
    def database_password_file(self) -> Path:
        return self.var / "database-password"

    @property
    def postgres_data(self) -> Path:
        # The major version is part of the name: another one cannot read these files.
        return self.var / "postgres" / "18"

    @property
    def redis_data(self) -> Path:
        return self.var / "redis"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def lock(self) -> Path:
        return self.var / "server.lock"

    @property
    def beat_schedule(self) -> Path:
        return self.var / "beat" / "schedule"

    @property
    def metrics(self) -> Path:
        return self.var / "metrics"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / REDIS_SOCKET

    @property
    def marker(self) -> str:
        """A word in the command line of every process of this gallery, and of no other."""
        return f"lookalike:{self._digest}"

    @property
    def sockets(self) -> Path:
        """The folder of both sockets, which only its owner may enter; created when missing."""
        folder = self.var / "run"
        if _fits_a_socket(folder):
            private_folder(self.var)
            return private_folder(folder)
        name = f"lookalike-{self._digest}-{os.geteuid()}"
        folder = private_folder(temporary_folder() / name)
        _refuse_a_strangers(folder)
        return folder

    @property
    def _digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.var)).hexdigest()[:16]

    def _secret(self, file: Path) -> str:
        """The secret in `file`, generated on first use; two first users agree on one."""
        private_folder(self.var)
        try:
            if not file.exists():
                _write_once(file, secrets.token_urlsafe(48))
            return file.read_text().strip()
        except PermissionError:
            raise Refusal(f"{file} belongs to somebody else: {REMEDY}") from None


REMEDY = "run this as its owner, or set VAR_DIR to a folder of your own."


def temporary_folder() -> Path:
    """The same one whatever TMPDIR says in this terminal, and short enough for a socket's path.

    A command in a second terminal has to find the servers that the first one started.
    """
    usual = Path("/tmp")  # noqa: S108 - what is put into it is private
    return usual if os.access(usual, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())


def private_folder(folder: Path) -> Path:
    """Create `folder` for its owner alone; one that is there already stays as it is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder} cannot be created ({error.strerror}): {REMEDY}") from None
    return folder


def _fits_a_socket(folder: Path) -> bool:
    return len(os.fsencode(folder / POSTGRES_SOCKET)) <= SOCKET_PATH_BYTES


def _refuse_a_strangers(folder: Path) -> None:
    """Anyone may have put this name into the shared temporary folder before us."""
    facts = folder.lstat()
    ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid()
    if not ours or facts.st_mode & 0o077:
        raise Refusal(
            f"{folder} is needed for the servers' sockets, but is not a private folder of ours:"
            " remove it, or set VAR_DIR to a shorter path."
        )


def _write_once(file: Path, text: str) -> None:
    """Write a file only its owner can read, unless another process has just done so.

    The link appears with its whole content or not at all, and never replaces an earlier one.
    """
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    except OSError as error:
        raise Refusal(f"{file} cannot be written ({error.strerror}): {REMEDY}") from None
    draft = Path(name)
    try:
        with os.fdopen(handle, "w") as out:
            out.write(f"{text}\n")
            out.flush()
            os.fsync(out.fileno())
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()

"""Child processes: how one is started, asked to stop, and found again when it was left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import psutil

from retrieval_site.embedded.privileges import before_exec
from retrieval_site.embedded.refusal import Refusal

LOG_BYTES = 10 * 1024 * 1024
LINES_QUOTED = 5
QUOTED_BYTES = 4096
PATIENCE_WITH_STRAYS = 5.0


def _nothing() -> None:
    """What most programs need before a start."""


@dataclass(frozen=True)
class Program:
    """What to run, and how it wants to be treated. `name` is that of its log file.

    What it prints goes to the log too, unless it is `shown` to the person at the terminal.
    """

    name: str
    command: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 2.0
    start_seconds: float = 30.0
    uid: int = field(default_factory=os.geteuid)
    shown: bool = False
    before_start: Callable[[], None] = _nothing
    is_ready: Callable[[], bool] | None = None


class Child:
    """One program and the process that runs it now.

    It leads a session of its own: Ctrl-C at the terminal does not reach it, and whatever it
    forked can be ended with it. Start it from the main thread: it ends when that thread does.
    """

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.started = 0.0
        self._log_start = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ValueError(f"{self.program.name} was not started")
        return self._process.pid

    def start(self) -> None:
        """Start the program. Raises Refusal where the system does not let it run."""
        self.program.before_start()
        with _open_log(self.log) as out:
            self._log_start = out.tell()
            self._process = self._spawn(out.fileno())
        self.started = time.monotonic()

    def _spawn(self, out: int) -> "subprocess.Popen[bytes]":
        program = self.program
        try:
            return subprocess.Popen(
                program.command,
                cwd=program.folder,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=None if program.shown else out,
                stderr=out,
                start_new_session=True,
                preexec_fn=before_exec(program.uid, program.stop_signal),  # noqa: PLW1509
            )
        except subprocess.SubprocessError:
            # Only what needs another user can fail in before_exec.
            raise Refusal(
                "PostgreSQL refuses to run as root, and this system does not let root hand it to"
                " another user. Start this as an ordinary user, or set DATABASE_URL to a server of"
                " your own."
            ) from None

    def exit_status(self) -> int | None:
        """None while it runs. Whatever it leaves of its session ends with it."""
        if self._process is None:
            return 0
        if self._process.returncode is None and self._process.poll() is not None:
            self._signal_group(signal.SIGKILL)
        return self._process.returncode

    def ask_to_stop(self) -> None:
        if self.exit_status() is None:
            os.kill(self.pid, self.program.stop_signal)

    def kill(self) -> None:
        if self._process is not None and self.exit_status() is None:
            self._signal_group(signal.SIGKILL)
            self._process.wait()

    def last_words(self, lines: int = LINES_QUOTED) -> str:
        """The end of what it printed since its start, for a message that says why it ended."""
        return _last_lines(self.log, lines, since=self._log_start)

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def describe_exit(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"killed by signal {-status}"


def end_strays(marker: str, *, only: str = "", patience: float = PATIENCE_WITH_STRAYS) -> None:
    """End every process that carries `marker`: what an earlier, killed supervisor left behind.

    `only` limits this to commands whose name begins so. What has not ended after `patience`
    seconds is killed, which PostgreSQL and Redis survive.
    """
    strays = list(_carriers(marker, only))
    for stray in strays:
        # To PostgreSQL this is a fast shutdown, where SIGTERM would wait for its clients.
        is_postgres = stray.info["name"].startswith("postgres")
        polite = signal.SIGINT if is_postgres else signal.SIGTERM
        _signal(stray, polite)
    for stray in _wait_for(strays, patience):
        _signal(stray, signal.SIGKILL)
    _wait_for(strays, PATIENCE_WITH_STRAYS)


def _carriers(marker: str, only: str) -> Iterator[psutil.Process]:
    # Only what we start: the marker may also stand in the `grep` of somebody who looks for it.
    names = only or ("python", "postgres", "redis-server")
    for process in psutil.process_iter(["name", "cmdline"], ad_value=""):
        if not process.info["name"].startswith(names) or process.pid == os.getpid():
            continue
        if any(marker in argument for argument in process.info["cmdline"]):
            yield process


def _wait_for(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still run after `seconds`; dead ones count as gone before they are reaped."""
    deadline = time.monotonic() + seconds
    while processes := [process for process in processes if not _is_gone(process)]:
        if time.monotonic() >= deadline:
            break
        time.sleep(0.02)
    return processes


def _is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _last_lines(log: Path, count: int, since: int) -> str:
    with log.open("rb") as file:
        file.seek(max(since, log.stat().st_size - QUOTED_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join([line for line in lines if line.strip()][-count:])


def _open_log(log: Path) -> BinaryIO:
    """A log only its owner can read, to append to; a large one is first put aside."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old"))
    return os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")

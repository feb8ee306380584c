"""Programs are kept running, and stopped in order with everything they started."""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import psutil
import pytest

from retrieval_site.embedded.interruption import Stopped
from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.processes import LOG_BYTES, Program
from retrieval_site.embedded.refusal import Refusal
from retrieval_site.embedded.supervisor import Supervisor
from tests.embedded.conftest import processes_of, wait_until

Script = Callable[[str, str], Program]

SLEEP = "print('up'); import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
FORKS = f"import os; os.fork(); {SLEEP}"
FORKS_AWAY = f"import os; os.fork() or os.setsid(); {SLEEP}"
TELLS_OF_ITS_END = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(open({file!r}, "a").write({name!r})))
print('up')
time.sleep(600)
"""


def log_of(locations: Locations, name: str) -> str:
    return (locations.logs / f"{name}.log").read_text()


def up(locations: Locations, program: Program) -> Program:
    """The program, to be waited for until it has printed that it is up."""
    return replace(program, is_ready=lambda: "up" in log_of(locations, program.name))


def during_watch(supervisor: Supervisor, action: Callable[[], object]) -> None:
    """Let the supervisor watch while `action` runs in a thread, then stop watching."""

    def act() -> None:
        try:
            action()
        finally:
            supervisor.interruption.requested = True

    thread = threading.Thread(target=act)
    thread.start()
    with pytest.raises(Stopped):
        supervisor.watch()
    thread.join()


def test_what_a_program_prints_is_in_a_log_of_its_name(
    supervisor: Supervisor, locations: Locations, script: Script
) -> None:
    supervisor.run(script("hello", "import sys; print(1); sys.exit(print(2, file=sys.stderr))"))
    assert log_of(locations, "hello") == "1\n2\n"
    assert (locations.logs / "hello.log").stat().st_mode & 0o077 == 0


def test_a_large_log_is_put_aside_at_a_start(
    supervisor: Supervisor, locations: Locations, script: Script
) -> None:
    locations.logs.mkdir(parents=True)
    (locations.logs / "hello.log").write_bytes(b"x" * (LOG_BYTES + 1))
    supervisor.run(script("hello", "print(1)"))
    assert log_of(locations, "hello") == "1\n"
    assert (locations.logs / "hello.old").exists()


def test_a_preparation_that_fails_is_quoted(supervisor: Supervisor, script: Script) -> None:
    with pytest.raises(Refusal, match=r"migrate failed \(exit status 1\)(.|\n)*no such table"):
        supervisor.run(script("migrate", "raise SystemExit('no such table')"))


def test_a_program_that_dies_before_it_is_ready_is_quoted(
    supervisor: Supervisor, script: Script
) -> None:
    web = replace(script("web", "raise SystemExit('bad setting')"), is_ready=lambda: False)
    with pytest.raises(Refusal, match=r"web failed(.|\n)*bad setting"):
        supervisor.start(web)


def test_a_program_that_never_becomes_ready_is_given_up(
    supervisor: Supervisor, script: Script
) -> None:
    web = replace(script("web", SLEEP), is_ready=lambda: False, start_seconds=0.3)
    with pytest.raises(Refusal, match="web did not become ready"):
        supervisor.start(web)


def test_a_killed_program_is_back_within_two_seconds(
    supervisor: Supervisor, locations: Locations, script: Script
) -> None:
    supervisor.start(up(locations, script("worker", SLEEP)))
    (worker,) = processes_of(locations)

    def kill() -> None:
        worker.kill()
        wait_until(lambda: log_of(locations, "worker") == "up\nup\n", seconds=2)

    during_watch(supervisor, kill)


def test_a_program_that_keeps_dying_is_started_ever_later(
    supervisor: Supervisor, script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    supervisor.start(script("worker", "raise SystemExit('broken')"))
    during_watch(supervisor, lambda: time.sleep(2.2))
    told = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in told[:2]] == [
        "worker ended, starts again in 0.5 s",
        "worker ended, starts again in 1 s",
    ]
    assert told[0].endswith("broken")


def test_what_a_dead_program_forked_does_not_outlive_it(
    supervisor: Supervisor, locations: Locations, script: Script
) -> None:
    supervisor.start(up(locations, script("pool", FORKS)))
    wait_until(lambda: len(processes_of(locations)) == 2)
    parent, child = sorted(processes_of(locations), key=lambda process: process.pid)

    def kill() -> None:
        parent.kill()
        wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)

    during_watch(supervisor, kill)


def test_the_last_stage_stops_first(
    supervisor: Supervisor, locations: Locations, script: Script
) -> None:
    order = locations.var / "order"
    for name in ("database ", "worker ", "web "):
        code = TELLS_OF_ITS_END.format(file=str(order), name=name)
        supervisor.start(up(locations, script(name.strip(), code)))
    supervisor.stop()
    assert order.read_text() == "web worker database "


@pytest.mark.parametrize("code", [SLEEP, STUBBORN, FORKS, FORKS_AWAY])
def test_no_process_is_left_after_a_stop(
    supervisor: Supervisor, locations: Locations, script: Script, code: str
) -> None:
    program = replace(up(locations, script("worker", code)), stop_seconds=0.3)
    supervisor.start(program)
    began = time.monotonic()
    supervisor.stop()
    assert processes_of(locations) == []
    assert time.monotonic() - began < 2


def test_a_program_has_a_session_of_its_own_out_of_reach_of_ctrl_c(
    supervisor: Supervisor, locations: Locations, script: Script
) -> None:
    supervisor.start(up(locations, script("worker", SLEEP)))
    (worker,) = processes_of(locations)
    assert os.getsid(worker.pid) == worker.pid

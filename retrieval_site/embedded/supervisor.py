"""Keeps a set of programs running until it is asked to stop, then stops them in order."""

import sys
import time
from pathlib import Path

from retrieval_site.embedded.interruption import STEP_SECONDS, Interruption
from retrieval_site.embedded.processes import Child, Program, describe_exit, end_strays
from retrieval_site.embedded.refusal import Refusal

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# A program that ran for this long was healthy: its next restart is quick again.
HEALTHY_SECONDS = 60.0
QUIET_SECONDS = 10.0


def say(line: str) -> None:
    """Tell the person at the terminal, if that is still there."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except OSError:
        pass


class Supervisor:
    """Programs in stages: each needs those before it, so they stop in the opposite order.

    `marker` stands in every program's command line (see Locations.marker).
    """

    def __init__(self, marker: str, logs: Path, interruption: Interruption) -> None:
        self.marker = marker
        self.logs = logs
        self.interruption = interruption
        self._stages: list[list[_Kept]] = []

    def start(self, *programs: Program) -> None:
        """Start one stage and wait until all of it is ready. Raises Refusal or Stopped."""
        stage = [_Kept(Child(program, self._log(program))) for program in programs]
        self._stages.append(stage)
        for kept in stage:
            self.interruption.check()
            kept.child.start()
        for kept in stage:
            self._wait_until_ready(kept.child)

    def run(self, program: Program) -> None:
        """Run one program to its end. Raises Refusal where it fails, Stopped when interrupted."""
        child = Child(program, self._log(program))
        try:
            child.start()
            while (status := child.exit_status()) is None:
                self.interruption.pause()
        finally:
            child.kill()
        if status:
            raise Refusal(_failure(child, status))

    def watch(self) -> None:
        """Start again whatever dies, until Stopped is raised."""
        while True:
            for stage in self._stages:
                for kept in stage:
                    kept.look_after()
            self.interruption.pause()

    def stop(self) -> None:
        """Stop the last stage first. Each takes its seconds, and those the later ones left over."""
        deadline = time.monotonic()
        while self._stages:
            children = [kept.child for kept in self._stages.pop()]
            deadline += max((child.program.stop_seconds for child in children), default=0.0)
            _stop_together(children, deadline)
        end_strays(self.marker, patience=0)

    def _wait_until_ready(self, child: Child) -> None:
        is_ready = child.program.is_ready or (lambda: True)
        began = time.monotonic()
        told = False
        while not is_ready():
            status = child.exit_status()
            if status is not None:
                raise Refusal(_failure(child, status))
            waited = time.monotonic() - began
            if waited > child.program.start_seconds:
                raise Refusal(f"{child.program.name} did not become ready; {_log_of(child)}")
            if waited > QUIET_SECONDS and not told:
                say(f"{child.program.name} takes long to start; its log is {child.log}")
                told = True
            self.interruption.pause()

    def _log(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"


class _Kept:
    """A child that is started again after it died, each time a little later."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._pause = FIRST_PAUSE
        self._due: float | None = None

    def look_after(self) -> None:
        now = time.monotonic()
        if self._due is not None:
            if now >= self._due:
                self._start_again()
        elif (status := self.child.exit_status()) is not None:
            if now - self.child.started > HEALTHY_SECONDS:
                self._pause = FIRST_PAUSE
            words = self.child.last_words(lines=1) or "nothing"
            self._put_off(f"{describe_exit(status)}; {self.child.log} ends with: {words}")

    def _put_off(self, reason: str) -> None:
        say(f"{self.child.program.name} ended, starts again in {self._pause:g} s: {reason}")
        self._due = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _start_again(self) -> None:
        try:
            self.child.start()
        except (OSError, Refusal) as error:
            self._put_off(str(error))
        else:
            self._due = None


def _stop_together(children: list[Child], deadline: float) -> None:
    for child in children:
        child.ask_to_stop()
    while any(child.exit_status() is None for child in children):
        if time.monotonic() > deadline:
            break
        time.sleep(STEP_SECONDS / 2)
    for child in children:
        child.kill()


def _failure(child: Child, status: int) -> str:
    return f"{child.program.name} failed ({describe_exit(status)}); {_log_of(child)}"


def _log_of(child: Child) -> str:
    return f"the end of {child.log}:\n{child.last_words()}"

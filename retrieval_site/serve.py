"""`python -m retrieval_site.serve`: the whole gallery in one terminal, until Ctrl-C."""

import os
import sys
from pathlib import Path

from retrieval_site.embedded.address import Address
from retrieval_site.embedded.interruption import Interruption, Stopped
from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.lock import hold
from retrieval_site.embedded.plan import Plan, Planner
from retrieval_site.embedded.processes import end_strays
from retrieval_site.embedded.refusal import Refusal
from retrieval_site.embedded.servers import start_postgres, start_redis
from retrieval_site.embedded.supervisor import Supervisor, say
from retrieval_site.programs import REPOSITORY, gallery


def main(planner: Planner = gallery) -> int:
    """The exit status of a run: 0 after an orderly stop, 1 where a start was refused."""
    # What this process and its children write is for its owner alone.
    os.umask(0o077)
    locations = Locations(Path(os.environ.get("VAR_DIR") or REPOSITORY / "var"))
    try:
        address = Address.from_environment(os.environ)
        with hold(locations, address.url), Interruption() as interruption:
            # Also a killed supervisor's web server, which may hold the port.
            end_strays(locations.marker)
            address.check_free()
            supervisor = Supervisor(locations.marker, locations.logs, interruption)
            _run(supervisor, locations, planner(locations, address), address.url)
    except (Refusal, OSError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def _run(supervisor: Supervisor, locations: Locations, plan: Plan, url: str) -> None:
    try:
        _start(supervisor, locations, plan)
        say(f"Lookalike is running at {url}\nCtrl-C stops it; its logs are in {locations.logs}")
        supervisor.watch()
    except Stopped:
        say("Stopping …")
    finally:
        supervisor.stop()


def _start(supervisor: Supervisor, locations: Locations, plan: Plan) -> None:
    say(f"Starting, with the data in {locations.var} …")
    if not os.environ.get("DATABASE_URL"):
        start_postgres(supervisor, locations)
    if not os.environ.get("REDIS_URL"):
        start_redis(supervisor, locations)
    for program in plan.preparations:
        supervisor.run(program)
    for stage in plan.stages:
        supervisor.start(*stage)


if __name__ == "__main__":
    sys.exit(main())

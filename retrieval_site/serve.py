"""`python -m retrieval_site.serve`: the whole gallery in one terminal, until Ctrl-C."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from retrieval_site.embedded.address import Address
from retrieval_site.embedded.interruption import Interruption, Stopped
from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.lock import hold
from retrieval_site.embedded.processes import Program, end_strays
from retrieval_site.embedded.refusal import Refusal
from retrieval_site.embedded.servers import start_postgres, start_redis
from retrieval_site.embedded.supervisor import Supervisor, say

REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> int:
    # What this process and its children write is for its owner alone.
    os.umask(0o077)
    locations = Locations(Path(os.environ.get("VAR_DIR") or REPOSITORY / "var"))
    try:
        address = Address.from_environment(os.environ)
        with hold(locations, address), Interruption() as interruption:
            run(locations, address, interruption)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def run(locations: Locations, address: Address, interruption: Interruption) -> None:
    """Start everything in order, keep it running, and stop it when asked to."""
    end_strays(locations.marker)
    address.check_free()
    supervisor = Supervisor(locations.marker, locations.logs, interruption)
    try:
        start_servers(supervisor, locations)
        prepare(supervisor, locations)
        ...
        say(f"Lookalike is at {address.url} (Ctrl-C stops it)")
        supervisor.watch()
    except Stopped:
        say("Stopping …")
    finally:
        supervisor.stop()

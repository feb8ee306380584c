"""`script/server` with a small web server in place of the gallery's programs; for test_serve."""

import sys
from dataclasses import replace
from pathlib import Path

from retrieval_site.embedded.address import Address
from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.plan import Plan
from retrieval_site.embedded.processes import Program
from retrieval_site.serve import main


def stub(locations: Locations, address: Address) -> Plan:
    def python(name: str, *arguments: str) -> Program:
        command = [sys.executable, "-X", locations.marker, *arguments]
        return Program(name, command, folder=Path("/"), environment={})

    web = python("web", "-m", "http.server", "--bind", address.host, str(address.port))
    return Plan(
        preparations=[replace(python("prepare", "-c", "print('prepared')"), shown=True)],
        stages=[
            [python("worker", "-c", "import time; time.sleep(600)")],
            [replace(web, is_ready=address.answers)],
        ],
    )


if __name__ == "__main__":
    sys.exit(main(stub))

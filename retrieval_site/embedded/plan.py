"""What a supervisor runs beside the servers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval_site.embedded.address import Address
from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.processes import Program


@dataclass(frozen=True)
class Plan:
    """Programs to run to their end, in order; then those to keep running, stage by stage."""

    preparations: Sequence[Program]
    stages: Sequence[Sequence[Program]]


Planner = Callable[[Locations, Address], Plan]

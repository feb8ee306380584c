"""Starts the two embedded servers."""

from retrieval_site.embedded.locations import Locations
from retrieval_site.embedded.postgres import adopt_new_data, ensure_database, initdb, postgres
from retrieval_site.embedded.redis import redis
from retrieval_site.embedded.supervisor import Supervisor


def start_postgres(supervisor: Supervisor, locations: Locations, *, durable: bool = True) -> None:
    """Start PostgreSQL with the gallery's database in it. Raises Refusal or Stopped."""
    if not locations.postgres_data.exists():
        supervisor.run(initdb(locations, durable=durable))
        adopt_new_data(locations)
    supervisor.start(postgres(locations, durable=durable))
    ensure_database(locations)


def start_redis(supervisor: Supervisor, locations: Locations) -> None:
    supervisor.start(redis(locations))

"""`python -m retrieval_site.probe web|media|encoder|…`: whether that one of this host is well.

For the health checks of containers, twice a minute each, so it does not set Django up. The exit
status is 0 or 1, and what is wrong is said.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

import psycopg

SECONDS = 5
# See gallery.models.workers.SILENCE.
ALIVE = """
    SELECT now() - seen_at < interval '30 seconds' FROM gallery_worker WHERE name = %s
"""


def web() -> str:
    """What is wrong with the web server of this host; empty where it can serve."""
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=SECONDS)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return "" if answer.status == 200 else answer.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        return str(error)
    finally:
        connection.close()


def worker(name: str) -> str:
    """What is wrong with the worker of that name on this host; empty where it was heard of."""
    full_name = f"{name}@{os.uname().nodename}"
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=SECONDS) as database:
            found = database.execute(ALIVE, [full_name]).fetchone()
    except psycopg.Error as error:
        return str(error)
    return "" if found == (True,) else f"{full_name} was not heard of for 30 seconds."


def main(name: str = "web") -> int:
    wrong = web() if name == "web" else worker(name)
    if wrong:
        sys.stderr.write(f"{wrong}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

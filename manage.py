#!/usr/bin/env python
"""Run a management command of Lookalike."""

import os
import sys


def main() -> None:
    # What a command writes into the data folder is for its owner alone, as what the server writes.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retrieval_site.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, connection

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if connection.connection is not None:
            raise
        reason = str(error).strip().splitlines()[0]
        sys.exit(f"The database can't be reached: is script/server running? ({reason})")


if __name__ == "__main__":
    main()

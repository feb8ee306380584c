"""`manage.py` as a person calls it."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def test_a_database_that_is_away_is_told_in_a_line(tmp_path: Path) -> None:
    away = {"DATABASE_URL": f"postgresql://me@/gallery?host={tmp_path}"}
    run = subprocess.run(
        [sys.executable, "manage.py", "api_token", "alice"],
        cwd=REPOSITORY,
        env={**os.environ, **away},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith("The database can't be reached: is script/server running?")
    assert "Traceback" not in run.stderr

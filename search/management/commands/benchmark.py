"""`manage.py benchmark search`: what searching costs on this machine."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from search.ann_index import MAX_DIMENSIONS
from search.benchmark import BenchmarkError, benchmark_search
from search.synthetic import AlreadyRunning


class Command(BaseCommand):
    help = "Measure this gallery's software on this machine, beside the gallery itself."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        search = what.add_parser("search", help="the nearest of many made-up vectors")
        search.add_argument("--vectors", type=int, required=True, metavar="N")
        search.add_argument("--dimensions", type=int, default=256, metavar="D")
        search.add_argument("--questions", type=int, default=100, help="searches of each kind")
        search.add_argument("--json", action="store_true", help="print one JSON object")
        search.set_defaults(run=search_figures)

    def handle(self, *args: Any, **options: Any) -> None:
        figures = options["run"](**options)
        self.stdout.write(json.dumps(figures) if options["json"] else table(figures))


def search_figures(vectors: int, dimensions: int, questions: int, **options: Any) -> dict[str, Any]:
    if min(vectors, questions) < 1 or not 1 <= dimensions <= MAX_DIMENSIONS:
        raise CommandError(
            f"At least one vector of 1 to {MAX_DIMENSIONS} dimensions, and one question."
        )
    try:
        with tqdm(total=vectors, unit="vector", file=sys.stderr, disable=None) as progress:
            return benchmark_search(vectors, dimensions, questions, progress.update)
    except AlreadyRunning:
        raise CommandError("Another benchmark is running on this database.") from None
    except BenchmarkError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        raise CommandError("Interrupted; nothing is left.", returncode=130) from None


def table(figures: dict[str, Any]) -> str:
    return "\n".join(
        f"{name:14} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in figures.items()
    )

"""`compact` beside what it should be measured against, on the same images."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.encoders import DamagedWeights
from search.encoders.compact.corpus import CorpusError
from search.encoders.compact.weights import FOLDER
from search.encoders.compact.yardsticks import markdown_table, measure
from search.evaluation import EvaluationError


class Command(BaseCommand):
    help = (
        "Rank the images of DATA/objects by `compact`, by the networks in DATA/teachers, by a"
        " colour histogram and by random weights, leave-one-out, and print the table."
    )
    # Nothing of the gallery is asked.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("data", type=Path, metavar="DATA", help="holds objects/ and teachers/")

    def handle(self, *, data: Path, **options: Any) -> None:
        try:
            self.stdout.write(markdown_table(measure(data, FOLDER)))
        except (CorpusError, DamagedWeights, EvaluationError) as error:
            raise CommandError(str(error)) from error

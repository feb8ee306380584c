"""How well find-similar finds images of the same class, measured on a labelled directory."""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from search import encoders
from search.evaluation import Evaluation, EvaluationError, evaluate_directory
from search.models import Encoder

REFUSALS = (encoders.UnknownEncoder, encoders.DamagedWeights, EvaluationError)


class Command(BaseCommand):
    help = "Rank every image of DIR (one folder a class) against all others, leave-one-out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, metavar="DIR")
        parser.add_argument("--encoder", metavar="NAME", help="instead of the one that answers")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            encoder = encoders.load(options["encoder"] or answering_encoder())
            found = evaluate_directory(options["dir"], encoder, progress=progress_bar)
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(found.as_json()) if options["json"] else table(found))
        if found.unreadable:
            named = "\n".join(f"{path}: {reason}" for path, reason in found.unreadable)
            raise CommandError(
                f"{len(found.unreadable)} could not be read and were left out:\n{named}"
            )


def answering_encoder() -> str:
    """The active encoder's name; the default's where there is no database to ask."""
    try:
        active = Encoder.objects.active()
    except DatabaseError:
        active = None
    return active.name if active else settings.DEFAULT_ENCODER


def progress_bar(files: Any) -> Any:
    """A bar on a terminal, nothing elsewhere."""
    return tqdm(files, unit="image", file=sys.stderr, disable=None)


def table(found: Evaluation) -> str:
    return "\n".join(f"{name:18} {value}" for name, value in found.as_json().items())

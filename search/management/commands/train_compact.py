"""Trains the encoder `compact` from random weights, or goes on, and writes what is shipped."""

from math import inf
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search.encoders.compact import weights
from search.encoders.compact.checkpoint import Budget, CheckpointError
from search.encoders.compact.corpus import CorpusError
from search.encoders.compact.export import export
from search.encoders.compact.train import FOLDER, train


class Command(BaseCommand):
    help = (
        "Train the encoder `compact` from random weights and write it to be shipped."
        " Run again to go on after an interruption; what it was begun with need not be said again."
        " Takes 7 GB of memory."
    )
    # Nothing of the gallery is asked.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "data", type=Path, metavar="DATA", help="holds train/, teachers/ and objects/"
        )
        parser.add_argument("--folder", type=Path, default=FOLDER, help="of the checkpoint")
        budget = parser.add_mutually_exclusive_group()
        budget.add_argument(
            "--minutes", type=float, help=f"wall clock, in all runs ({Budget.minutes:g})"
        )
        budget.add_argument("--steps", type=int, help="instead of minutes: so many batches")
        parser.add_argument(
            "--from-shipped", action="store_true", help="begin with the shipped weights"
        )
        parser.add_argument(
            "--export", action="store_true", help="only write the checkpoint's weights"
        )
        parser.add_argument(
            "--into",
            type=Path,
            default=weights.FOLDER,
            help="folder for the weights, if not the one they are shipped from",
        )

    def handle(self, *, data: Path, folder: Path, **options: Any) -> None:
        checkpoint = folder / "checkpoint.npz"
        budget = asked_budget(options["minutes"], options["steps"])
        if options["export"] and (budget or options["from_shipped"]):
            raise CommandError("--export trains nothing: leave out how long, and from what.")
        try:
            # Now, rather than after hours.
            options["into"].mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"No weights can be written there: {error}") from error
        try:
            if not options["export"]:
                train(data, checkpoint, budget, from_shipped=options["from_shipped"])
            self.write_weights(checkpoint, data, options["into"])
        except (CorpusError, CheckpointError) as error:
            raise CommandError(str(error)) from error

    def write_weights(self, checkpoint: Path, data: Path, folder: Path) -> None:
        if not checkpoint.exists():
            raise CommandError(f"There is no checkpoint {checkpoint} to export.")
        manifest = export(checkpoint, data, folder)
        self.stdout.write(f"exported {manifest.digest} at {manifest.input_size} pixels")


def asked_budget(minutes: float | None, steps: int | None) -> Budget | None:
    """The budget that these options ask for, if any."""
    if not all(asked is None or 0 < asked < inf for asked in (minutes, steps)):
        raise CommandError("--minutes and --steps must be numbers above 0.")
    if steps is not None:
        return Budget(steps=steps)
    return None if minutes is None else Budget(minutes)

"""`manage.py benchmark encode`: how fast images get their vectors on this machine."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from search import encoders
from search.benchmarking import NotMeasurable, measure_encoding
from search.management.commands.evaluate_retrieval import answering_encoder


class Command(BaseCommand):
    help = "Measure how fast this machine is."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        encode = what.add_parser(
            "encode",
            help="images per second: the network frozen, by tf.function and by model.predict;"
            " decoding, by one thread; and the whole path from stored file to committed vector",
        )
        encode.add_argument("--encoder", metavar="NAME", help="instead of the one that answers")
        encode.add_argument("--images", type=int, default=64, metavar="N", help="how many (64)")
        encode.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["images"] < 1:
            raise CommandError("--images must be at least 1.")
        try:
            found = measure_encoding(options["encoder"] or answering_encoder(), options["images"])
        except (encoders.UnknownEncoder, NotMeasurable) as error:
            raise CommandError(str(error)) from error
        figures = found.as_json()
        self.stdout.write(json.dumps(figures) if options["json"] else table(figures))


def table(figures: dict[str, Any]) -> str:
    return "\n".join(f"{name:18} {value}" for name, value in figures.items())

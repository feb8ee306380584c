"""`manage.py benchmark encode | search | pages`: how fast it embeds, finds, and shows."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from gallery.models import Image, User
from search import encoders
from search.ann_index import MAX_DIMENSIONS
from search.encoding_benchmark import NotMeasurable, measure_beside, measure_encoding
from search.management.commands.evaluate_retrieval import answering_encoder
from search.page_benchmark import measure_pages
from search.search_benchmark import BenchmarkError, benchmark_search
from search.synthetic import AlreadyRunning


class Command(BaseCommand):
    help = "Measure this gallery's software on this machine, beside the gallery itself."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        encode = what.add_parser(
            "encode",
            help="images per second: the network frozen, by tf.function and by model.predict;"
            " decoding, by the threads that a worker decodes with; and the whole path from stored"
            " file to committed vector",
        )
        encode.add_argument("--encoder", metavar="NAME", help="instead of the one that answers")
        encode.add_argument("--images", type=int, default=64, metavar="N", help="how many (64)")
        encode.add_argument(
            "--against",
            metavar="NAME",
            help="compare its bare network with this encoder's, by turns",
        )
        encode.add_argument(
            "--ratios",
            action="store_true",
            help="print frozen to tf_function, and the whole path to the slower of frozen and"
            " decode, too",
        )
        encode.set_defaults(run=encoding_figures)
        search = what.add_parser("search", help="the nearest of many made-up vectors")
        search.add_argument("--vectors", type=int, required=True, metavar="N")
        search.add_argument("--dimensions", type=int, default=256, metavar="D")
        search.add_argument("--questions", type=int, default=100, help="searches of each kind")
        search.set_defaults(run=search_figures)
        pages = what.add_parser("pages", help="the pages of the gallery as it is, as one person")
        pages.add_argument("--user", required=True, metavar="NAME", help="who looks at them")
        pages.add_argument("--rounds", type=int, default=9, metavar="N", help="how often (9)")
        pages.set_defaults(run=page_figures)
        for each in (encode, search, pages):
            each.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = options["run"](**options)
        self.stdout.write(json.dumps(figures) if options["json"] else table(figures))


def encoding_figures(
    encoder: str | None, images: int, against: str | None, ratios: bool, **options: Any
) -> dict[str, Any]:
    if images < 1:
        raise CommandError("--images must be at least 1.")
    name = encoder or answering_encoder()
    try:
        if against:
            # What is misspelt is said before minutes have gone by.
            encoders.identify(against)
        speeds = measure_encoding(name, images)
        figures = {**speeds.as_json(), **(speeds.ratios() if ratios else {})}
        # Afterwards, or its memory would count.
        return {**figures, **(measure_beside(name, against) if against else {})}
    except (encoders.UnknownEncoder, encoders.UnloadableEncoder, NotMeasurable) as error:
        raise CommandError(str(error)) from error


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


def page_figures(user: str, rounds: int, **options: Any) -> dict[str, Any]:
    person = User.objects.filter(username=user).first()
    if person is None or rounds < 1:
        raise CommandError(f"There is no user {user!r}." if rounds > 0 else "One round at least.")
    try:
        figures = measure_pages(person, rounds)
    except BenchmarkError as error:
        raise CommandError(str(error)) from error
    seen = Image.objects.visible_to(person).count()
    return {"images": seen, **{figure.pop("page"): figure for figure in figures}}


def table(figures: dict[str, Any]) -> str:
    return "\n".join(
        f"{name:18} {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in figures.items()
    )

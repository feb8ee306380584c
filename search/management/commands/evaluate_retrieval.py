"""How well an encoder tells classes apart: those of a directory or the gallery's own labels."""

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from tqdm import tqdm

from gallery.models import User
from search import encoders
from search.catalogue import NoSuchEncoder, find
from search.evaluation import Evaluation, EvaluationError, evaluate_directory
from search.gallery_evaluation import evaluate_gallery
from search.labels import LabelSource, TooFewLabels, labelled_images
from search.marks import MARKS, marked_pairs
from search.marks_evaluation import evaluate_marks
from search.measuring import Measuring
from search.models import Encoder
from search.reporting import text_table, write_csv
from search.splitting import Part

REFUSALS = (
    encoders.UnknownEncoder,
    encoders.UnloadableEncoder,
    encoders.DamagedWeights,
    EvaluationError,
    NoSuchEncoder,
    TooFewLabels,
)
# What is asked about the gallery, and what it is where nothing is said.
OF_GALLERY = {"labels": LabelSource.TAGS.value, "user": None, "split": None, "at_least": 5}


def whole_number(least: int) -> Callable[[str], int]:
    """What argparse reads a number of `least` or more with."""

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"{text!r} is no whole number of {least} or more")
        return int(text)

    return read


class Command(BaseCommand):
    help = (
        "Rank every image of DIR (one folder a class), or every labelled image of the gallery,"
        " against all others, leave-one-out, and classify it by the votes of its neighbours."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, metavar="DIR", nargs="?")
        parser.add_argument("--encoder", metavar="NAME", help="instead of the one that answers")
        parser.add_argument("--k", type=whole_number(1), default=10, help="where rankings are cut")
        parser.add_argument(
            "--votes", type=whole_number(1), default=5, metavar="N", help="how many neighbours vote"
        )
        parser.add_argument(
            "--seed", type=whole_number(0), default=0, help="of the parts and the intervals"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--csv", type=Path, metavar="FILE", help="write the figures there, too")
        gallery = parser.add_argument_group("without DIR")
        gallery.add_argument(
            "--labels",
            choices=[*LabelSource, MARKS],
            help="what the classes are (tags), or marks: results that were called right or wrong",
        )
        gallery.add_argument(
            "--user", metavar="NAME", help="only what this person may see; unless staff, own marks"
        )
        gallery.add_argument(
            "--split",
            choices=list(Part),
            help="rank the images of this part against those to learn from",
        )
        gallery.add_argument(
            "--at-least",
            type=whole_number(2),
            metavar="N",
            help="images that a label must have to be a class (5)",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            found, parameters = evaluation(**options)
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        told = {**found.as_json(), "parameters": parameters}
        self.stdout.write(json.dumps(told) if options["json"] else text_table(found))
        if options["csv"]:
            save(found, options["csv"])
        if found.unreadable:
            named = "\n".join(f"{path}: {reason}" for path, reason in found.unreadable)
            raise CommandError(
                f"{len(found.unreadable)} could not be read and were left out:\n{named}"
            )


def evaluation(
    k: int, votes: int, seed: int, encoder: str | None, **options: Any
) -> tuple[Evaluation, dict[str, Any]]:
    """What is found, and the parameters it depends on."""
    measuring = Measuring(k, votes, seed)
    common = {"k": k, "votes": votes, "seed": seed}
    chosen = {name: options[name] for name in OF_GALLERY if options[name] is not None}
    if folder := options["dir"]:
        if chosen:
            named = ", ".join(f"--{name.replace('_', '-')}" for name in chosen)
            raise CommandError(f"{named} can't be had with DIR, whose folders are the classes.")
        network = encoders.load(encoder or answering_encoder())
        found = evaluate_directory(folder, network, progress_bar, measuring)
        return found, {"directory": str(folder), **common}
    if chosen.get("labels") == MARKS:
        return marks_evaluation(known_encoder(encoder), chosen, measuring)
    asked = OF_GALLERY | chosen
    images = labelled_images(LabelSource(asked["labels"]), person(asked["user"]), asked["at_least"])
    part = Part(asked["split"]) if asked["split"] else None
    return evaluate_gallery(known_encoder(encoder), images, part, measuring), {**asked, **common}


def marks_evaluation(
    encoder: Encoder, chosen: dict[str, Any], measuring: Measuring
) -> tuple[Evaluation, dict[str, Any]]:
    if meaningless := chosen.keys() & {"split", "at_least"}:
        named = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(meaningless))
        raise CommandError(f"{named} can't be had with marks, which are of no class.")
    name = chosen.get("user")
    found = evaluate_marks(encoder, marked_pairs(person(name)), measuring)
    return found, {"labels": MARKS, "user": name, "k": measuring.k, "seed": measuring.seed}


def person(name: str | None) -> User | None:
    if name is None:
        return None
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(f"There is nobody called {name!r}.")
    return found


def known_encoder(name: str | None) -> Encoder:
    """The encoder of that name, or the active one, whether or not it can be computed here."""
    active = None if name else Encoder.objects.active()
    return active or find(name or settings.DEFAULT_ENCODER)


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


def save(found: Evaluation, path: Path) -> None:
    """Write the figures as CSV; they were printed before, so nothing is lost where that fails."""
    try:
        with path.open("w", newline="") as out:
            write_csv(found, out)
    except OSError as error:
        raise CommandError(f"The figures could not be written to {path}: {error}") from error

"""`manage.py train_encoder NAME`: teach a network the gallery's own labels."""

import json
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from gallery.models import State
from search.encoders.learning.progress import Moment
from search.encoders.learning.recipes import (
    Augmentation,
    Backbone,
    Kind,
    Optimizer,
    Recipe,
    Schedule,
    default_rate,
)
from search.labels import LabelSource
from search.management.commands.evaluate_retrieval import person
from search.models import Training
from search.training.reporting import as_json
from search.training.running import claim, train
from search.training.starting import CannotTrain, Lesson, start
from search.training.telling import text_table

USUAL = Recipe(Kind.FINE_TUNE)


def number(kind: type[float], least: float, most: float = float("inf")) -> Callable[[str], Any]:
    """What argparse reads a number from `least` to `most` with."""

    def read(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = kind(-1)
        if not least <= value <= most:
            raise ArgumentTypeError(f"{text!r} is no number from {least} to {most}")
        return value

    return read


class Command(BaseCommand):
    help = (
        "Train an encoder on the gallery's own labels and test it on images kept apart."
        " Interrupted, it goes on with `train_encoder NAME`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", help="what the encoder will be called")
        parser.add_argument("--kind", choices=list(Kind), help="needed to begin")
        parser.add_argument(
            "--encoder", metavar="NAME", default=settings.DEFAULT_ENCODER, help="to fine-tune"
        )
        parser.add_argument("--queue", action="store_true", help="let the trainer's worker do it")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        add_lesson(parser)
        add_recipe(parser)

    def handle(self, **options: Any) -> None:
        try:
            training = unfinished(options["name"]) or begun(**options)
            if options["queue"]:
                self.stdout.write(f"{training.name} waits for the trainer.")
                return
            learn(training)
        except CannotTrain as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                f"Interrupted. `train_encoder {options['name']}` goes on.", returncode=130
            ) from None
        self.tell(training, as_object=options["json"])

    def tell(self, training: Training, *, as_object: bool) -> None:
        training.refresh_from_db()
        if training.state == State.FAILED:
            raise CommandError(training.error or f"{training.name} was cancelled.")
        told = as_json(training)
        self.stdout.write(json.dumps(told) if as_object else text_table(training))


def add_lesson(parser: CommandParser) -> None:
    group = parser.add_argument_group("what is learned")
    group.add_argument("--labels", choices=list(LabelSource), default=LabelSource.TAGS)
    group.add_argument("--user", metavar="NAME", help="only what this person may see")
    group.add_argument(
        "--at-least", type=number(int, 2), default=5, help="images that a label must have (5)"
    )
    group.add_argument(
        "--test", type=number(float, 0.05, 0.8), default=0.15, help="share to test with (0.15)"
    )
    group.add_argument(
        "--leave-out", type=number(int, 0), default=0, metavar="N", help="labels never shown to it"
    )


def add_recipe(parser: CommandParser) -> None:
    group = parser.add_argument_group("how")
    group.add_argument(
        "--backbone", choices=list(Backbone), default=USUAL.backbone, help="when fine-tuning"
    )
    group.add_argument("--optimizer", choices=list(Optimizer), default=USUAL.optimizer)
    group.add_argument("--learning-rate", type=number(float, 1e-7, 10.0))
    group.add_argument("--schedule", choices=list(Schedule), default=USUAL.schedule)
    group.add_argument("--batch-size", type=number(int, 2, 1024), default=USUAL.batch_size)
    group.add_argument("--epochs", type=number(int, 1, 10_000), default=USUAL.epochs)
    group.add_argument(
        "--patience", type=number(int, 0), default=USUAL.patience, help="0: never stop early"
    )
    group.add_argument("--augmentation", choices=list(Augmentation), default=USUAL.augmentation)
    group.add_argument("--seed", type=number(int, 0), default=0)


def unfinished(name: str) -> Training | None:
    return Training.objects.unfinished().filter(name=name).first()


def begun(kind: str | None, labels: str, user: str | None, **options: Any) -> Training:
    """A new training, as asked for."""
    if kind is None:
        raise CommandError("--kind is needed: there is no such training to go on with.")
    lesson = Lesson(LabelSource(labels), options["at_least"], options["test"], options["leave_out"])
    return start(options["name"], recipe(Kind(kind), **options), lesson, person(user))


def recipe(kind: Kind, **options: Any) -> Recipe:
    backbone, optimizer = Backbone(options["backbone"]), Optimizer(options["optimizer"])
    return Recipe(
        kind=kind,
        base=options["encoder"] if kind is Kind.FINE_TUNE else "",
        backbone=backbone,
        optimizer=optimizer,
        learning_rate=options["learning_rate"] or default_rate(kind, backbone, optimizer),
        schedule=Schedule(options["schedule"]),
        batch_size=options["batch_size"],
        epochs=options["epochs"],
        patience=options["patience"],
        augmentation=Augmentation(options["augmentation"]),
        seed=options["seed"],
    )


def learn(training: Training) -> None:
    """Train in this process, with a bar on a terminal."""
    claimed = claim(Training.objects.filter(pk=training.pk))
    if claimed is None:
        raise CommandError("A training runs already, or was left minutes ago: try again later.")
    with tqdm(total=None, unit="step", file=sys.stderr, disable=None) as bar:

        def show(moment: Moment) -> None:
            bar.total = moment.epochs * moment.steps
            bar.n = (moment.epoch - 1) * moment.steps + moment.step
            bar.set_postfix_str(f"loss {moment.loss:.3f}, {moment.images_per_second:.0f} images/s")

        train(claimed, show)

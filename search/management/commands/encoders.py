"""`manage.py encoders list|add|activate|remove`: the networks that make the gallery's vectors."""

import json
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search import adding, catalogue, encoders, removal, requesting, turns
from search.coverage import coverages
from search.encoders import applications, fetching, installing, manifests, preprocessing
from search.encoders.networks import UnusableNetwork
from search.models import Embedding, Encoder
from search.models.encoders import Coverage

# What is wrong with the question or the machine, not with this program.
REFUSALS = (
    adding.CannotAdd,
    catalogue.ActivationRefused,
    catalogue.NoSuchEncoder,
    encoders.DamagedWeights,
    encoders.UnknownEncoder,
    encoders.UnloadableEncoder,
    fetching.WeightsUnavailable,
    removal.RemovalRefused,
    requesting.NotFilled,
    turns.NotYourTurn,
    UnusableNetwork,
    OSError,
)
HEAD = ("encoder", "digest", "width", "active", "coverage", "failed", "state")


class Command(BaseCommand):
    help = "Show the encoders, add one and let it be filled, switch to it, remove one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        listing = actions.add_parser("list", help="the encoders and how far each is filled")
        listing.add_argument("--json", action="store_true", help="print one JSON array")
        add_adding_arguments(actions.add_parser("add", help="install one and let it be filled"))
        activating = actions.add_parser("activate", help="let this one answer from now on")
        activating.add_argument("name", metavar="NAME[@DIGEST]")
        activating.add_argument(
            "--incomplete", action="store_true", help="though images would not be found yet"
        )
        activating.add_argument(
            "--although-worse", action="store_true", help="than the one that answers now"
        )
        removing = actions.add_parser("remove", help="its index, its vectors and its files")
        removing.add_argument("name", metavar="NAME[@DIGEST]")

    def handle(self, *, action: str, **options: Any) -> None:
        act: Callable[..., None] = getattr(self, action)
        try:
            act(**options)
        except catalogue.WorseEncoder as error:
            raise CommandError(f"{error} --although-worse lets it answer all the same.") from error
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted. Run it again: it goes on.", returncode=130) from None

    def list(self, **options: Any) -> None:
        known = Encoder.objects.order_by("-is_active", "pk")
        covered = coverages(known)
        rows = [facts(encoder, covered[encoder.pk]) for encoder in known]
        self.stdout.write(json.dumps(rows, indent=2) if options["json"] else table(rows))

    def add(self, **options: Any) -> None:
        encoder = added(**options)
        coverage = coverages([encoder])[encoder.pk]
        self.stdout.write(
            f"{encoder}: vectors of {coverage} images, the workers make the others."
            f" `encoders activate {encoder.handle}` lets it answer when they are through."
        )

    def activate(self, **options: Any) -> None:
        encoder = catalogue.find(options["name"])
        before = Encoder.objects.active()
        catalogue.activate(
            encoder,
            incomplete=options["incomplete"],
            although_worse=options["although_worse"],
        )
        self.stdout.write(f"{encoder} answers.{way_back(before, encoder)}")

    def remove(self, **options: Any) -> None:
        encoder = catalogue.find(options["name"])
        name = str(encoder)
        rows = Embedding.objects.of(encoder).count()
        with tqdm(total=rows, unit="vector", disable=None) as bar:
            removal.remove(encoder, bar.update)
        self.stdout.write(f"{name} is removed.")


def add_adding_arguments(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    offered = ", ".join(applications.APPLICATIONS)
    what.add_argument("source", nargs="?", metavar="NAME", help=f"compact, or one of {offered}")
    what.add_argument("--file", type=Path, metavar="FILE", help="a Keras network of your own")
    parser.add_argument("--name", type=name_of_encoder, help="what to call it")
    parser.add_argument(
        "--preprocess",
        type=preprocess,
        metavar="HOW",
        help="how the network in FILE wants its pixels: raw, tf, torch, caffe or OFFSET,DIVISOR",
    )
    parser.add_argument(
        "--input-size", type=input_size, metavar="PIXELS", help="a side of what FILE's network sees"
    )
    parser.add_argument(
        "--whiten",
        type=int,
        metavar="N",
        help="whiten its vectors to N numbers (PCA of the gallery's own vectors, at most 512)",
    )


def added(name: str | None, whiten: int | None, **source: Any) -> Encoder:
    """Add what the options name; CommandError for options that do not go together."""
    usual_name, prepare = source_of(**source)
    if whiten is None and encoders.is_built_in(usual_name):
        if name:
            raise CommandError(f"{usual_name} is built in and has its name.")
        return adding.take_up(encoders.identify(usual_name))
    whitening = None if whiten is None else adding.Whitening(whiten, image_bar)
    name = name or (f"{usual_name}-{whiten}" if whitening else usual_name)
    return adding.add(name, partial(prepare, name), whitening)


Prepare = Callable[[str], manifests.Manifest]


def source_of(source: str | None, file: Path | None, **options: Any) -> tuple[str, Prepare]:
    """The usual name of what is to be added, and what puts its files into the folder of a name."""
    how, size = options["preprocess"], options["input_size"]
    if file is not None:
        if how is None:
            raise CommandError("--file needs --preprocess: how does the network want its pixels?")
        name = re.sub(r"[^A-Za-z0-9._-]+|^[._-]+", "-", file.stem).strip("-") or "own"
        return name, partial(installing.from_file, path=file, preprocess=how, input_size=size)
    if how or size:
        raise CommandError("--preprocess and --input-size belong to --file.")
    return named_source(source or "")


def named_source(name: str) -> tuple[str, Prepare]:
    if encoders.is_built_in(name):
        return name, partial(installing.from_built_in, base=name)
    application = applications.find(name)
    if application is None:
        known = ", ".join([*settings.ENCODERS, *applications.APPLICATIONS])
        raise CommandError(f"There is no {name!r} to add. There are: {known}, and --file FILE.")
    get = partial(installing.from_application, application=application, progress=byte_bar)
    return application.name, get


def name_of_encoder(text: str) -> str:
    if not manifests.NAME.fullmatch(text):
        raise ArgumentTypeError("a name is made of letters, digits, dots, - and _")
    return text


def preprocess(text: str) -> str:
    try:
        return preprocessing.checked(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def input_size(text: str) -> int:
    if not text.isdecimal() or not 8 <= int(text) <= 2048:
        raise ArgumentTypeError("a side has 8 to 2048 pixels")
    return int(text)


def byte_bar(file: Any, size: int) -> Any:
    """A bar on a terminal, nothing elsewhere."""
    return tqdm.wrapattr(file, "read", total=size or None, unit="B", unit_scale=True, disable=None)


def image_bar(files: Any) -> Any:
    return tqdm(files, unit="image", file=sys.stderr, disable=None)


def way_back(before: Encoder | None, encoder: Encoder) -> str:
    """How to let `before` answer again, where that would not be refused."""
    if before in {None, encoder}:
        return ""
    try:
        catalogue.check_activation(before)
    except catalogue.ActivationRefused:
        return ""
    return f" Back: `encoders activate {before.handle}`."


def facts(encoder: Encoder, coverage: Coverage) -> dict[str, Any]:
    """What is shown of an encoder."""
    return {
        "name": encoder.name,
        "digest": encoder.digest,
        "dimensions": encoder.dimensions,
        "active": encoder.is_active,
        "ready": coverage.ready,
        "failed": coverage.failed,
        "images": coverage.images,
        "coverage": str(coverage),
        "loadable": encoder.is_loadable,
        "state": state_of(encoder),
    }


def state_of(encoder: Encoder) -> str:
    if encoder.is_being_removed:
        return "being removed: run `encoders remove` again"
    return encoder.obstacle or "loadable"


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in columns for people, a digest by its beginning."""
    cells = [
        (
            row["name"],
            row["digest"][:8],
            str(row["dimensions"]),
            "yes" if row["active"] else "",
            row["coverage"],
            str(row["failed"]),
            row["state"],
        )
        for row in rows
    ]
    widths = [max(len(cell) for cell in column) for column in zip(HEAD, *cells, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in (HEAD, *cells)
    )
    return "\n".join(lines)

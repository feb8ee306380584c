"""From labelled images to an encoder: read, train, install, test. It runs in the trainer alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from gallery.models import Image
from search import encoders
from search.adding import take_up
from search.encoders import installing, manifests
from search.encoders.learning.checkpoint import Checkpoint
from search.encoders.learning.course import Course
from search.encoders.learning.examples import Example, Pair, Pictures
from search.encoders.learning.learner import Learner, network_for
from search.encoders.learning.recipes import Kind, Recipe
from search.marks import marked_pairs
from search.requesting import NotFilled
from search.splitting import Part
from search.training.reporting import report
from search.training.running import Ticker, enough_to_learn, file_of, folder_of, parts_of
from search.training.starting import CannotTrain
from search.turns import awaited_turn

if TYPE_CHECKING:
    from search.encoders.learning.progress import Progress
    from search.encoders.networks import Network
    from search.models import Training

Parts = dict[str, list[Example]]


@dataclass(frozen=True)
class Taught:
    """A learner that has done its course, and with what."""

    learner: Learner
    pictures: Pictures
    parts: Parts
    progress: Progress


def learn(training: Training, ticker: Ticker) -> dict[str, Any]:
    """Train to the end, install and test: what the training's row is to say of it.

    Raises what `ticker` raises, CannotTrain, and OSError where the disk fails.
    """
    recipe = Recipe.from_json(training.recipe)
    taught = teach(training, recipe, ticker)
    with awaited_turn(ticker.beat):
        identity = install(training, taught.learner)
        ticker.beat()
        told = report(training, recipe, taught, ticker)
        try:
            encoder = take_up(identity)
        except NotFilled as error:
            raise CannotTrain(str(error)) from error
    return {
        "encoder": encoder,
        "report": told,
        "unreadable": sorted(taught.pictures.unreadable.items()),
    }


def teach(training: Training, recipe: Recipe, ticker: Ticker) -> Taught:
    base = network_of(training).model if recipe.kind is Kind.FINE_TUNE else None
    learner = Learner(network_for(recipe, base), known_classes(training), recipe)
    pictures = Pictures(learner.input_size)
    parts = readable(parts_of(training), pictures, ticker)
    learned = parts[Part.TRAIN]
    enough_to_learn([example.label for example in learned], training.classes)
    if base is not None:
        learner.keep_axes(base, pictures, learned)
    course = Course(
        learner,
        pictures,
        learned,
        parts[Part.VALIDATION],
        Checkpoint(folder_of(training.pk)),
        ticker.tick,
        ticker.keep,
        pairs_of(training) if base is not None else (),
    )
    return Taught(learner, pictures, parts, course.run())


def network_of(training: Training) -> Network:
    """The network that is to be fine-tuned; CannotTrain where it is gone."""
    from search.encoders.networks import UnusableNetwork, network_named

    base = training.base
    if base is None:
        raise CannotTrain("The encoder that was to be fine-tuned has been removed.")
    if base.obstacle:
        raise CannotTrain(f"{base} can't be fine-tuned here: {base.obstacle}")
    try:
        return network_named(base.name)
    except UnusableNetwork as error:
        raise CannotTrain(str(error)) from error


def known_classes(training: Training) -> int:
    """How many labels there are to learn; those left out come after them."""
    learned = training.images.filter(part=Part.TRAIN)
    highest = max(learned.values_list("label", flat=True), default=-1)
    return int(highest) + 1


def readable(rows: dict[str, list[tuple[int, int]]], pictures: Pictures, ticker: Ticker) -> Parts:
    """The examples of each part that can be read, in their order."""
    parts: Parts = {}
    for part, members in rows.items():
        files = dict(
            Image.objects.filter(pk__in=[key for key, _ in members]).values_list("pk", "file")
        )
        examples = [
            Example(key, label, partial(opened, files[key]))
            for key, label in members
            if key in files
        ]
        parts[part] = []
        for example in pictures.readable(examples):
            parts[part].append(example)
            ticker.beat()
    return parts


def pairs_of(training: Training) -> list[Pair]:
    """What people called right or wrong, but for images that the training is tested with.

    Of marks of whoever started it, as far as they may see both images.
    """
    apart = training.images.exclude(part=Part.TRAIN).values_list("image", flat=True)
    tested = set(apart)
    marked = [
        (one, other, is_right)
        for one, other, is_right in marked_pairs(training.started_by)
        if not {one, other} & tested
    ]
    shown = {key for one, other, _ in marked for key in (one, other)}
    files = dict(Image.objects.filter(pk__in=shown).values_list("pk", "file"))
    examples = {key: Example(key, 0, partial(opened, name)) for key, name in files.items()}
    return [
        Pair(examples[one], examples[other], is_right)
        for one, other, is_right in marked
        if one in examples and other in examples
    ]


def opened(name: str) -> IO[bytes]:
    file: IO[bytes] = Image.file.field.storage.open(name)
    return file


def install(training: Training, learner: Learner) -> encoders.EncoderIdentity:
    """The trained network as an added encoder, the one of before where it is there already."""
    file = file_of(training)
    found = installing.installed_from(training.name, file)
    manifest = found or installing.from_training(training.name, file, learner.model)
    manifests.write(manifest)
    manifests.prune(training.name)
    return manifest.identity

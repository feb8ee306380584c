"""What a trained network is worth, on images that it never saw, beside what there was before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from search import encoders
from search.encoders.compact.yardsticks import TEACHER_SIZE, Yardstick, colour_histograms
from search.encoders.learning.objectives import named
from search.encoders.learning.recipes import Augmentation, Kind, Recipe
from search.encoders.pictures import open_squeezed
from search.evaluations.sampling import sample_queries
from search.gallery_evaluation import Trial
from search.measuring import LabelledVectors, Measuring, NothingToFind, classification, measure
from search.models import Encoder
from search.models.trainings import UNSEEN
from search.splitting import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from search.encoders.learning.examples import Example
    from search.evaluation import Encodes
    from search.figures import Classification, Quality
    from search.models import Training
    from search.training.learning import Taught
    from search.training.running import Ticker

# More images a part than these would only take longer.
MOST_TESTED = 2000
BATCH = 32
# What is told of a figure; JSON of a database has an order of its own.
FIGURE = ("value", "low", "high", "queries")


class Measured(NamedTuple):
    """An encoder and the part it plays here."""

    role: str
    encoder: Encodes


def report(training: Training, recipe: Recipe, taught: Taught, ticker: Ticker) -> dict[str, Any]:
    """The figures of the head, and of the encoder beside those that it is to be better than."""
    parts = {part: sample(examples) for part, examples in taught.parts.items()}
    head = by_head(taught, parts[Part.TEST], training.classes)
    progress = taught.progress
    return {
        "images": {part: len(examples) for part, examples in taught.parts.items()},
        "parameters": taught.learner.model.count_params(),
        "epochs": len(progress.epochs),
        "best_epoch": progress.best.number if progress.best else None,
        "seconds": round(progress.seconds, 1),
        "images_per_second": round(progress.images / max(progress.seconds, 1e-9), 1),
        "head": head and head_figures(head),
        "encoders": [
            figures_of(measured, parts, training.classes, ticker)
            for measured in compared(training, recipe)
        ],
    }


def sample(examples: Sequence[Example]) -> list[Example]:
    return list(examples[:: -(-len(examples) // MOST_TESTED) or 1])


def by_head(
    taught: Taught, examples: Sequence[Example], classes: list[str]
) -> Classification | None:
    """How the head names the test images; None where there is none."""
    import numpy as np

    truth: list[int] = []
    predicted: list[int] = []
    for batch in taught.pictures.batches(examples, BATCH, Augmentation.NONE, []):
        predicted += named(taught.learner.judge(batch).logits).tolist()
        truth += batch.labels.tolist()
    if not truth:
        return None
    queries = labelled(np.zeros((len(truth), 1), np.float32), truth, classes)
    return classification(queries, np.array(predicted), 0)


def head_figures(head: Classification) -> dict[str, Any]:
    return {
        "figures": {name: figure.as_json() for name, figure in head.figures.items()},
        **head.as_json(),
    }


def compared(training: Training, recipe: Recipe) -> Iterator[Measured]:
    """One after the other: the new one, what it began as, what answers, and simple yardsticks."""
    yield Measured("trained", encoders.load(training.name))
    known = {}
    if training.base:
        known["base"] = training.base
    active = Encoder.objects.active()
    if active and active != training.base and active.is_loadable:
        known["active"] = active
    for role, encoder in known.items():
        yield Measured(role, encoders.load(encoder.name, encoder.digest))
    if recipe.kind is Kind.CLASSIC:
        yield Measured("untrained", untrained())
    yield Measured("histogram", Yardstick("colour histogram", TEACHER_SIZE, colour_histograms))


def untrained() -> Encodes:
    """The classic network with random weights."""
    from search.encoders.frozen import FrozenNetwork
    from search.encoders.learning import classic

    network = FrozenNetwork(classic.build(), classic.INPUT_SIZE)
    return Yardstick("random weights", classic.INPUT_SIZE, network.vectors)


def figures_of(
    measured: Measured, parts: dict[str, list[Example]], classes: list[str], ticker: Ticker
) -> dict[str, Any]:
    """Test images among themselves and against what was learned from, and the labels left out."""
    began = perf_counter()
    found = {
        part: encoded(parts.get(part, []), measured.encoder, classes, ticker)
        for part in (Part.TRAIN, Part.TEST, UNSEEN)
    }
    seconds = perf_counter() - began
    keys = [example.key for example in parts[Part.TEST]]
    return {
        "role": measured.role,
        "encoder": measured.encoder.name,
        "images_per_second": round(sum(map(len, found.values())) / seconds, 1),
        "among_test": quality(found[Part.TEST]),
        "against_learned": quality(found[Part.TEST], found[Part.TRAIN]),
        "unseen": quality(found[UNSEEN]),
        "queries": sample_queries(Trial(found[Part.TEST], keys, None, keys, 0), seed=0)
        if keys
        else [],
    }


def encoded(
    examples: Sequence[Example], encoder: Encodes, classes: list[str], ticker: Ticker
) -> LabelledVectors:
    import numpy as np

    vectors: list[NDArray[np.float32]] = []
    for start in range(0, len(examples), BATCH):
        pictures = []
        for example in examples[start : start + BATCH]:
            with example.open() as file:
                pictures.append(open_squeezed(file, encoder.input_size))
        vectors.append(encoder.encode(pictures))
        ticker.beat()
    together = np.concatenate(vectors) if vectors else np.zeros((0, 1), np.float32)
    return labelled(together, [example.label for example in examples], classes)


def labelled(
    vectors: NDArray[np.float32], labels: Sequence[int], classes: list[str]
) -> LabelledVectors:
    """Each of one class, whose number its label is."""
    import numpy as np

    numbers = np.array(labels, np.int64).reshape(-1, 1)
    return LabelledVectors(vectors, classes, numbers == np.arange(len(classes)))


def quality(
    asking: LabelledVectors, answering: LabelledVectors | None = None
) -> dict[str, Any] | None:
    if not len(asking):
        return None
    try:
        found: Quality = measure(asking, answering, Measuring())
    except NothingToFind:
        return None
    return found.as_json()


def rows(training: Training) -> Iterator[list[Any]]:
    """Each figure as a line of a table: encoder, what was measured, name, class, interval."""
    report = training.report or {"encoders": [], "head": None}
    if report["head"]:
        yield from _rows(training.name, "head", report["head"])
    for one in report["encoders"]:
        for measured in ("among_test", "against_learned", "unseen"):
            yield from _rows(one["encoder"], measured, one[measured] or {})


def _rows(encoder: str, measured: str, found: dict[str, Any]) -> Iterator[list[Any]]:
    for name, figure in found.get("figures", {}).items():
        yield [encoder, measured, name, "", *(figure[key] for key in FIGURE)]
    for label, scores in found.get("per_class", {}).items():
        for name, figure in scores.items():
            yield [encoder, measured, name, label, *(figure[key] for key in FIGURE)]


def as_json(training: Training) -> dict[str, Any]:
    """A training with all its figures, to take away."""
    return {
        "name": training.name,
        "status": training.status,
        "error": training.error,
        "labels": training.source,
        "classes": training.classes,
        "recipe": training.recipe,
        "epochs": training.epochs,
        "moment": training.moment,
        "unreadable": training.unreadable,
        "report": training.report,
    }

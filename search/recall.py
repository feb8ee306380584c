"""How many of the true neighbours searches find, how fast, and the least effort that is enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, sqrt
from statistics import fmean, stdev
from time import perf_counter

from django.conf import settings
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Mod, Now

from gallery.bell import ring_on_commit
from gallery.models import Image
from gallery.models.images import ImageQuerySet
from search import ann_index
from search.finding import find
from search.models import Embedding, Encoder, SearchMeasurement
from search.similarity import Vector

K = 20
# Aumüller, Bernhardsson and Faithfull, "ANN-Benchmarks" (2018): whatever is as near as the last
# true neighbour counts, up to this, so that ties are no errors.
EPSILON = 1e-3
QUESTIONS = 50
# Shares of the images that filters leave.
SHARES = (1.0, 0.1, 0.01, 0.001)
# What ef_search is tried, up to pgvector's greatest. A page looks for a block of results and for
# whether others follow: with fewer candidates the walk would begin again, and be none the shorter.
LADDER = (100, 140, 200, 280, 400, 560, 800, 1000)
FRESH = timedelta(hours=12)


@dataclass(frozen=True)
class Question:
    """An image of the gallery, asked for what is like it."""

    image: int
    vector: Vector


@dataclass(frozen=True)
class Answer:
    distances: list[float]
    milliseconds: float


def recall(truth: Answer, answer: Answer) -> float:
    """The share of the true neighbours in whose place something as near was found."""
    if not truth.distances:
        return 1.0
    reach = truth.distances[-1] + EPSILON
    return sum(distance <= reach for distance in answer.distances) / len(truth.distances)


def recalls(truths: Sequence[Answer], answers: Sequence[Answer]) -> list[float]:
    return list(map(recall, truths, answers))


def certain_mean(sample: Sequence[float]) -> float:
    """The mean less two standard errors: what another sample will hardly fall below."""
    if len(sample) < 2:
        return 0.0
    return fmean(sample) - 2 * stdev(sample) / sqrt(len(sample))


def percentile(answers: Sequence[Answer], share: float) -> float:
    """Milliseconds within which that share of the answers was there: the nearest rank."""
    times = sorted(answer.milliseconds for answer in answers)
    return times[ceil(share * len(times)) - 1] if times else 0.0


def sample_questions(encoder: Encoder, count: int) -> list[Question]:
    chosen = Embedding.similar.of(encoder).order_by("?").values_list("pk", flat=True)[:count]
    rows = Embedding.objects.filter(pk__in=list(chosen)).order_by("pk")
    return [Question(row.image_id, row.vector or []) for row in rows]


def ask(
    encoder: Encoder,
    questions: Sequence[Question],
    images: ImageQuerySet,
    *,
    exact: bool = False,
    effort: int | None = None,
) -> list[Answer]:
    """Ask each question as a page does, for the nearest K of `images`."""
    answers = []
    for question in questions:
        started = perf_counter()
        found = find(
            question.vector,
            encoder,
            images,
            without=[question.image],
            limit=K,
            exact=exact,
            effort=effort,
        )
        milliseconds = (perf_counter() - started) * 1000
        answers.append(Answer([one.distance for one in found.results], milliseconds))
    return answers


def thinned(share: float) -> ImageQuerySet:
    """About that share of all images but those in the trash, whatever is in them."""
    return Image.objects.kept().alias(rest=Mod(F("pk"), round(1 / share))).filter(rest=0)


def measure(encoder: Encoder, count: int = QUESTIONS) -> None:
    """Keep for each filter the least ef_search that reaches ANN_RECALL, and what it achieves.

    One that leaves less never gets by with less than one that leaves more. The encoder keeps the
    greatest, for where nothing is measured.
    """
    questions = sample_questions(encoder, count)
    encoder.ef_search = LADDER[0]
    for share in SHARES:
        truths = ask(encoder, questions, thinned(share), exact=True)
        for effort in LADDER[LADDER.index(encoder.ef_search) :]:
            answers = ask(encoder, questions, thinned(share), effort=effort)
            if certain_mean(recalls(truths, answers)) >= settings.ANN_RECALL:
                break
        encoder.ef_search = effort
        keep(encoder, share, truths, answers)
    encoder.save(update_fields=["ef_search"])


def keep(
    encoder: Encoder, share: float, truths: Sequence[Answer], answers: Sequence[Answer]
) -> None:
    figures = {
        "vectors": ann_index.state(encoder).vectors,
        "ef_search": encoder.ef_search,
        "recall_at_20": fmean(recalls(truths, answers)),
        "exact_p50_ms": percentile(truths, 0.5),
        "exact_p95_ms": percentile(truths, 0.95),
        "p50_ms": percentile(answers, 0.5),
        "p95_ms": percentile(answers, 0.95),
    }
    SearchMeasurement.objects.update_or_create(encoder=encoder, share=share, defaults=figures)


def measure_again(encoders: QuerySet[Encoder]) -> None:
    """Forget what was measured of these encoders, so that it is measured at once."""
    from search.tasks import measure_searches

    SearchMeasurement.objects.filter(encoder__in=encoders).delete()
    ring_on_commit(measure_searches)


def encoders_to_measure() -> list[Encoder]:
    """Those with an index that was not measured lately."""
    fresh = SearchMeasurement.objects.filter(encoder=OuterRef("pk"), measured_at__gt=Now() - FRESH)
    encoders = list(Encoder.objects.exclude(Exists(fresh)))
    known = ann_index.states(encoders)
    return [encoder for encoder in encoders if known[encoder.pk].is_valid]

"""Working out the evaluations that people started: claim, measure, keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from time import perf_counter
from typing import Any

from django.db import connection
from django.utils.translation import gettext_noop

from gallery.patience import patiently
from search.evaluation import Evaluation as Measured
from search.evaluation import EvaluationError
from search.evaluations.sampling import (
    digest_of_marked,
    digest_of_queries,
    sample_marked,
    sample_queries,
)
from search.figures import Quality
from search.gallery_evaluation import evaluate_trial, trial_of
from search.labels import LabelledImages, LabelSource, TooFewLabels, labelled_images
from search.marks import MARKS, marked_pairs
from search.marks_evaluation import evaluate_marks_trial, marks_trial_of
from search.measuring import Measuring
from search.models import EmbeddingTime, Encoder, Evaluation
from search.splitting import Part

# Renewed while the work goes on, however long that is: it grows with the square of the images.
LEASE = timedelta(seconds=45)
MOST_IMAGES = 50_000
GAVE_UP = gettext_noop("Given up: this evaluation ended the program three times. Try fewer labels.")


def evaluate_next() -> bool:
    """Work out the evaluation that waits longest; False when none does, or one is worked out.

    One at a time: it keeps a core busy, and others have renditions to make meanwhile.
    """
    if Evaluation.objects.held().exists():
        return False
    waiting = Evaluation.objects.select_related("encoder", "started_by")
    claimed = waiting.claim(1, LEASE)
    for evaluation in claimed:
        with lease_renewed(evaluation):
            evaluate(evaluation)
    return bool(claimed)


def evaluate(evaluation: Evaluation) -> None:
    pending = Evaluation.objects.filter(pk=evaluation.pk).pending()
    started = perf_counter()
    try:
        found = found_by(evaluation)
    except (TooFewLabels, EvaluationError) as error:
        pending.fail(str(error))
    else:
        seconds = perf_counter() - started
        pending.succeed(seconds=seconds, **found, **speed_of(evaluation.encoder))


def found_by(evaluation: Evaluation) -> dict[str, Any]:
    """What is kept of an evaluation. Raises TooFewLabels and EvaluationError."""
    encoder = evaluation.encoder
    if encoder is None or encoder.is_being_removed:
        raise EvaluationError(f"{evaluation.handle} is being removed, or is gone already.")
    measuring = Measuring(evaluation.k, evaluation.votes, evaluation.seed)
    if evaluation.labels == MARKS:
        judged = marks_trial_of(encoder, marked_pairs(evaluation.started_by))
        measured = evaluate_marks_trial(encoder, judged, measuring)
        queries = sample_marked(judged, measuring.seed)
        return kept(measured, digest_of_marked(judged), queries)
    images = images_of(evaluation)
    part = Part(evaluation.part) if evaluation.part else None
    trial = trial_of(encoder, images, part, measuring.seed)
    measured = evaluate_trial(encoder, trial, measuring)
    return kept(measured, digest_of_queries(trial), sample_queries(trial, measuring.seed))


def kept(measured: Measured, digest: str, queries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "found": measured.as_json(),
        "samples": samples_of(measured.quality),
        "queries_digest": digest,
        "queries": queries,
    }


def speed_of(encoder: Encoder | None) -> dict[str, float]:
    """How fast the worker embeds, as it was measured at its work; nothing where it was not."""
    speed = EmbeddingTime.objects.speed_of(encoder) if encoder else None
    if speed is None:
        return {}
    embedded, images_per_second = speed
    return {"embedded": embedded, "images_per_second": images_per_second}


def images_of(evaluation: Evaluation) -> LabelledImages:
    """The labelled images that the person who started it may see now."""
    source = LabelSource(evaluation.labels)
    images = labelled_images(source, evaluation.started_by, evaluation.at_least)
    if len(images) > MOST_IMAGES:
        raise EvaluationError(
            f"{len(images)} images have such labels; at most {MOST_IMAGES} can be compared with"
            " each other. Ask for labels with more images each."
        )
    return images


def samples_of(quality: Quality) -> dict[str, list[float]]:
    """Each figure in each bootstrap sample, to five decimals."""
    return {
        name: figure.samples.round(5).tolist()
        for name, figure in quality.figures.items()
        if figure.samples is not None
    }


def sweep() -> bool:
    """Give up what was tried too often; whether anything waits."""
    Evaluation.objects.exhausted().fail(GAVE_UP)
    return Evaluation.objects.claimable().exists()


@contextmanager
def lease_renewed(evaluation: Evaluation) -> Iterator[None]:
    """Inside, the evaluation stays with this worker as long as it lives, and no longer."""
    done = Event()
    thread = Thread(target=renew_until, args=(evaluation.pk, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def renew_until(pk: int, done: Event) -> None:
    try:
        while not done.wait(LEASE.total_seconds() / 3):
            patiently(partial(Evaluation.objects.filter(pk=pk).renew, LEASE))
    finally:
        connection.close()

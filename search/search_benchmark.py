"""What searches cost among many vectors, on a gallery made up for it."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from statistics import fmean
from time import perf_counter
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from gallery.models import Image, User
from gallery.models.images import ImageQuerySet
from gallery.warming import warm_up
from search import ann_index
from search.effort import effort_for
from search.models import Embedding, Encoder
from search.recall import (
    Answer,
    K,
    Question,
    ask,
    measure,
    percentile,
    recalls,
    sample_questions,
)
from search.similarity import SimilarImages, neighbours, walking
from search.synthetic import SHARES, fill, schema_of_its_own

# LIKE also copies the indexes of the gallery's own encoders; none of them has this number.
ENCODER_PK = 2_000_000_000

Progress = Callable[[int], object]


class BenchmarkError(Exception):
    """It can't be measured; the message says why."""


def benchmark_search(
    vectors: int, dimensions: int, count: int, progress: Progress
) -> dict[str, Any]:
    """Ask `count` questions of each kind; the figures under the names in which they are printed.

    Nothing of the gallery is touched.
    """
    # As script/server does at its start: the pages name their styles by digest.
    call_command("collectstatic", interactive=False, verbosity=0)
    with schema_of_its_own():
        owner = User.objects.create_user("benchmark")
        encoder = Encoder.objects.create(
            pk=ENCODER_PK, name="benchmark", dimensions=dimensions, is_active=True
        )
        for stored in fill(owner, encoder, vectors):
            progress(stored)
        built = build(encoder)
        measure(encoder, count)
        figures = searches(owner, encoder, sample_questions(encoder, count))
        return {"vectors": vectors, "dimensions": dimensions, **built, **figures}


def build(encoder: Encoder) -> dict[str, Any]:
    started = perf_counter()
    if not ann_index.build(encoder):
        raise BenchmarkError("Another index is being built: try again when that is done.")
    seconds = perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s)", [ann_index.index_name(encoder)])
        (size,) = cursor.fetchone()
    return {"build_seconds": round(seconds, 1), "index_mb": round(size / 2**20, 1)}


def searches(owner: User, encoder: Encoder, questions: Sequence[Question]) -> dict[str, Any]:
    """Each way to search, asked the same questions; with filters and rights as the owner of all.

    Asked as a web process does, which leaves out of its searches for garbage what was there before.
    """
    warm_up()
    exact = [ask_queryset(encoder, question) for question in questions]
    indexed, bare = ask_both(encoder, questions)
    images = Image.objects.visible_to(owner)
    return {
        "exact": times(exact),
        "indexed": {**times(indexed), "recall_at_20": recall_at_20(exact, indexed)},
        "bare_sql": times(bare),
        "filtered": [
            filtered(encoder, questions, images.tagged(name), share)
            for name, share in SHARES.items()
        ],
        "http": times(ask_pages(owner, questions)),
    }


def filtered(
    encoder: Encoder, questions: Sequence[Question], images: ImageQuerySet, share: float
) -> dict[str, Any]:
    """As a page with a filter is made, from the decision how to the images' owners."""
    exact = ask(encoder, questions, images, exact=True)
    answers = ask(encoder, questions, images)
    full = [
        len(answer.distances) == len(truth.distances)
        for truth, answer in zip(exact, answers, strict=True)
    ]
    return {
        "share": share,
        **times(answers),
        "recall_at_20": recall_at_20(exact, answers),
        "full_pages": fmean(full),
    }


def nearest(encoder: Encoder, question: Question, *, by_index: bool) -> SimilarImages:
    others = Embedding.similar.of(encoder).without([question.image])
    return others.nearest_to(question.vector, by_index=by_index)[:K]


def ask_both(encoder: Encoder, questions: Sequence[Question]) -> tuple[list[Answer], list[Answer]]:
    """By the index, through the queryset and by bare SQL.

    In turns, so that neither meets a busier machine; and first in turns, so that neither always
    finds the other's pages in the processor's caches.
    """
    effort = effort_for(encoder, 1.0)
    indexed, bare = [], []
    for number, question in enumerate(questions):
        if number % 2:
            bare.append(ask_bare(encoder, question, effort))
        indexed.append(ask_queryset(encoder, question, effort))
        if not number % 2:
            bare.append(ask_bare(encoder, question, effort))
    return indexed, bare


def ask_queryset(encoder: Encoder, question: Question, effort: int | None = None) -> Answer:
    """By the index with that ef_search, or comparing all."""
    started = perf_counter()
    with walking(effort) if effort else nullcontext():
        found = list(neighbours(nearest(encoder, question, by_index=bool(effort))))
    milliseconds = (perf_counter() - started) * 1000
    return Answer([one.distance for one in found], milliseconds)


def ask_bare(encoder: Encoder, question: Question, effort: int) -> Answer:
    """The statement that the queryset makes, sent by the driver: what is below Django."""
    statement = nearest(encoder, question, by_index=True).query.sql_with_params()
    started = perf_counter()
    with walking(effort), connection.cursor() as cursor:
        cursor.execute(*statement)
        cursor.fetchall()
    return Answer([], (perf_counter() - started) * 1000)


@override_settings(ALLOWED_HOSTS=["testserver"])
def ask_pages(owner: User, questions: Sequence[Question]) -> list[Answer]:
    """The whole similar page, through every layer but the socket."""
    client = Client()
    client.force_login(owner)
    answers = []
    for question in questions:
        started = perf_counter()
        page = client.get(reverse("search:similar", args=[question.image]))
        answers.append(Answer([], (perf_counter() - started) * 1000))
        if page.status_code != 200:
            raise BenchmarkError(f"The page of image {question.image}: {page.status_code}")
    return answers


def recall_at_20(truths: Sequence[Answer], answers: Sequence[Answer]) -> float:
    return round(fmean(recalls(truths, answers)), 4)


def times(answers: Sequence[Answer]) -> dict[str, float]:
    return {
        "p50_ms": round(percentile(answers, 0.5), 2),
        "p95_ms": round(percentile(answers, 0.95), 2),
    }

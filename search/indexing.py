"""From stored image to committed vector: request, claim, decode, encode, keep."""

import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from math import isfinite
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import Case, Exists, F, Field, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Now
from django.utils.translation import gettext_noop
from pgvector.django import HalfVectorField

from gallery.models import Image
from search import encoders
from search.batches import Batch
from search.catalogue import encoders_to_fill, promote_successor
from search.models import Embedding, EmbeddingTime, Encoder
from search.models.embeddings import EmbeddingQuerySet

logger = logging.getLogger(__name__)

GAVE_UP = gettext_noop("Given up: computing its embedding ended the program three times.")
NO_VECTOR = gettext_noop("The encoder makes no finite vector of this picture.")
SWEEP_CHUNK = 2000

Vectors = list[tuple[Embedding, list[float]]]


def request_embeddings(images: Iterable[Image]) -> None:
    """Note that these images want a vector of every encoder; those that have one keep it."""
    request_embeddings_by(encoders_to_fill(), images)


def request_embeddings_by(wanted: Iterable[Encoder], images: Iterable[Image]) -> None:
    Embedding.objects.bulk_create(
        [Embedding(image=image, encoder=encoder) for image in images for encoder in wanted],
        ignore_conflicts=True,
    )


def images_without_embedding(encoder: Encoder) -> Any:
    has_one = Embedding.objects.filter(image=OuterRef("pk"), encoder=encoder)
    return Image.objects.exclude(Exists(has_one)).order_by("pk")


def embed_batch(work: EmbeddingQuerySet) -> int:
    """Embed the next batch of `work`, all of one encoder; return how many were claimed.

    What is of an encoder that can't be loaded goes on waiting, and holds up nothing else.
    """
    known = encoders_to_fill()
    # Before another one takes memory: those that were removed, or are others by now.
    encoders.let_go_of_others({encoder.digest for encoder in known})
    for encoder in encoders_in_line(work, known):
        try:
            # Before anything is claimed: an encoder that can't be loaded is no image's fault.
            network = encoders.load(encoder.name, encoder.digest)
        except encoders.UnloadableEncoder as error:
            work.of(encoder).wanted().claimable().put_off(str(error))
            continue
        began = monotonic()
        if count := embed_batch_with(network, work.of(encoder)):
            EmbeddingTime.objects.note(encoder, count, monotonic() - began)
            return count
    return 0


def encoders_in_line(work: EmbeddingQuerySet, known: Iterable[Encoder]) -> Iterator[Encoder]:
    """Those that have something to do, first those whose vectors a person waits for."""
    waiting = work.wanted().claimable().filter(encoder__in=known)
    waited_for = set(waiting.values_list("encoder", flat=True))
    for encoder in sorted(known, key=lambda encoder: encoder.pk not in waited_for):
        # In line, or the planner may read the table for it, with all that is done.
        if work.of(encoder).claimable().in_line().values_list("pk").first():
            yield encoder


def embed_batch_with(network: encoders.Encoder, work: EmbeddingQuerySet) -> int:
    """Embed the next batch of `work`, all of the encoder that `network` is."""
    lease = timedelta(seconds=settings.EMBED_LEASE_SECONDS)
    claimed = work.select_related("image").defer("vector")
    batch = Batch(claimed.claim(encoders.batch_size(network), lease), lease)
    vectors: Vectors = []
    for part in batch.decoded_parts(network.input_size):
        made = network.encode([picture for _, picture in part])
        for (held, _), row in zip(part, made, strict=True):
            vector = row.tolist()
            if is_vector(vector):
                vectors.append((held, vector))
            else:
                Embedding.objects.filter(pk=held.pk).pending().fail(NO_VECTOR, vector=None)
        batch.renew()
    if vectors:
        keep_vectors(vectors, network.plan.precision)
    return len(batch.held)


def is_vector(numbers: list[float]) -> bool:
    """Whether it can be kept: a network may come to infinity at one picture, or to no number."""
    return all(map(isfinite, numbers))


def keep_vectors(vectors: Vectors, precision: str) -> int:
    """Store vectors in one statement; returns how many.

    Where the image is gone or somebody else was faster there is nothing to store any more.
    """
    waiting = Embedding.objects.filter(pk__in=[held.pk for held, _ in vectors]).pending()
    return waiting.succeed(
        vector=by_key({held.pk: vector for held, vector in vectors}, HalfVectorField()),
        source_sha256=by_key({held.pk: held.image.sha256 for held, _ in vectors}, TextField()),
        precision=precision,
        findable_since=first_findable(),
    )


def first_findable() -> Case:
    """For an update: when the image of a row that gets a vector could first be found by any."""
    others = Embedding.objects.filter(image=OuterRef("image"), vector__isnull=False)
    earliest = others.order_by("findable_since").values("findable_since")[:1]
    since = Coalesce(Subquery(earliest), Now())
    return Case(When(vector__isnull=False, then=F("findable_since")), default=since)


def by_key(values: dict[Any, Any], kind: "Field[Any, Any]") -> Cast:
    """For an update: the value of each row, by its primary key."""
    cases = [When(pk=pk, then=Value(value, kind)) for pk, value in values.items()]
    return Cast(Case(*cases, output_field=kind), kind)


def sweep() -> bool:
    """Heal what was lost: rows never written, items given up. Return whether anything waits."""
    Embedding.objects.exhausted().fail(GAVE_UP, vector=None)
    known = encoders_to_fill()
    for encoder in known:
        request_embeddings_by([encoder], images_without_embedding(encoder)[:SWEEP_CHUNK])
    promote_successor()
    return Embedding.objects.filter(encoder__in=known).claimable().exists()

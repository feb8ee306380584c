"""Asking for vectors: of new images, for a person who waits, and once more."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gallery.bell import ring, ring_on_commit
from gallery.models import Image, State
from gallery.models.images import ImageQuerySet
from search.catalogue import encoders_to_fill, reason_against
from search.indexing import (
    SWEEP_CHUNK,
    images_without_embedding,
    request_embeddings,
    request_embeddings_by,
)
from search.models import Embedding, Encoder, Explanation, Query
from search.models.embeddings import EmbeddingQuerySet
from search.tasks import embed_pending, embed_wanted, explain_wanted

# Each takes the worker a moment and some twenty kilobytes for a day.
HOUR = timedelta(hours=1)
MOST_FOR_VISITORS = 60


class TooManyVisitors(Exception):
    """Those who have not signed in asked for more than they get; the message says what to do."""


class NotFilled(Exception):
    """The encoder gets no vectors here, or no more; the message says why."""


def on_image_stored(image: Image, **signal: Any) -> None:
    """Hear of a new image: note the work, then ring for it."""
    request_embeddings([image])
    ring(embed_pending)


def on_image_replaced(image: Image, **signal: Any) -> None:
    """Forget all that was made of the file it had, and note the work for the one it has."""
    Embedding.objects.filter(image=image).delete()
    Explanation.objects.filter(Q(image=image) | Q(result=image)).delete()
    request_embeddings([image])
    ring_on_commit(embed_pending)


def answering_embeddings() -> EmbeddingQuerySet:
    """The work of which an image's state in the gallery speaks."""
    return Embedding.objects.filter(encoder__is_active=True)


def embedding_for_waiting(image: Image, encoder: Encoder) -> Embedding:
    """The image's embedding; when it is not made yet a worker is asked for it at once.

    Where none can make it here this is a failed one with the reason, which is not stored.
    """
    embedding = Embedding.objects.filter(image=image, encoder=encoder).first()
    if embedding and (embedding.vector is not None or embedding.state == State.FAILED):
        return embedding
    if reason := reason_against(encoder):
        return Embedding(image=image, encoder=encoder, state=State.FAILED, error=reason)
    embedding, _ = Embedding.objects.get_or_create(image=image, encoder=encoder)
    still_waits = Embedding.objects.filter(pk=embedding.pk).pending()
    if embedding.vector is None and still_waits.filter(wanted=False).update(wanted=True):
        ring(embed_wanted)
    return embedding


def query_for_waiting(asked: Query) -> Query:
    """The stored query that asks this by a picture; a worker is asked for its vector at once.

    Where none can make it here this is a failed one with the reason, which is not stored.
    """
    of_question = Query.objects.filter(question=asked.question, encoder=asked.encoder)
    if query := of_question.select_related("encoder__scale", "asker").first():
        return query
    if reason := reason_against(asked.encoder):
        asked.state, asked.error = State.FAILED, reason
        return asked
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        return of_question.get()
    ring_on_commit(embed_wanted)
    return asked


def explanation_for_waiting(
    asked: Image | Query, result: Image, encoder: Encoder, *, by_visitor: bool = False
) -> Explanation:
    """Why `result` is like what was asked with; where that is new a worker is asked at once.

    Visitors, who have not signed in, wait behind everybody else, and all of them together get
    MOST_FOR_VISITORS new ones an hour. Raises TooManyVisitors.
    """
    pair = {
        "encoder": encoder,
        "image": asked if isinstance(asked, Image) else None,
        "query": asked if isinstance(asked, Query) else None,
        "result": result,
    }
    known = Explanation.objects.filter(**pair)
    if by_visitor and not known.exists():
        check_visitors()
    explanation, is_new = Explanation.objects.get_or_create(
        **pair, defaults={"wanted": not by_visitor, "by_visitor": by_visitor}
    )
    waits_behind = explanation.state == State.PENDING and not explanation.wanted
    if waits_behind and not by_visitor:
        known.pending().update(wanted=True)
    if is_new:
        ring(explain_wanted)
    return explanation


def check_visitors() -> None:
    """Raise TooManyVisitors where they asked for enough of late."""
    if Explanation.objects.asked_by_visitors_since(HOUR).count() >= MOST_FOR_VISITORS:
        raise TooManyVisitors(
            _("Visitors have asked for enough explanations. Sign in, or come back in an hour.")
        )


def explain_again(explanation: Explanation) -> None:
    """Have another try at an explanation that failed."""
    if Explanation.objects.filter(pk=explanation.pk).failed().retry(wanted=True):
        ring(explain_wanted)


def embeddings_of(images: ImageQuerySet) -> EmbeddingQuerySet:
    """Their embeddings by the encoders this installation can compute."""
    return Embedding.objects.filter(image__in=images.order_by(), encoder__in=encoders_to_fill())


def retry_failed(embeddings: EmbeddingQuerySet) -> int:
    """Let the workers try again what they gave up; returns how many that is."""
    return rework(embeddings.filter(state=State.FAILED))


def rework(embeddings: EmbeddingQuerySet) -> int:
    """Let the workers make these anew; returns how many. What waits already is left alone.

    Until a new vector is there the old one answers.
    """
    count = embeddings.exclude(state=State.PENDING).retry()
    ring_on_commit(embed_pending)
    return count


def embed_again(images: ImageQuerySet) -> int:
    """Make all vectors of these images anew; returns of how many images."""
    request_embeddings(images)
    rework(embeddings_of(images))
    return embeddings_of(images).pending().values("image").distinct().count()


def request_missing(encoder: Encoder) -> int:
    """Note the work for every image that has no row of `encoder`; returns how many had none.

    Raises NotFilled, at whatever point somebody removes the encoder.
    """
    count = 0
    while noted := request_some_missing(encoder):
        count += noted
    return count


def request_some_missing(encoder: Encoder) -> int:
    """Note the work for some of these images; 0 where there is none left."""
    with transaction.atomic():
        hold(encoder)
        images = list[Image](images_without_embedding(encoder)[:SWEEP_CHUNK])
        request_embeddings_by([encoder], images)
    return len(images)


def hold(encoder: Encoder) -> None:
    """Nobody begins to remove it before the transaction ends. Raises NotFilled."""
    known = Encoder.objects.select_for_update(no_key=True).filter(pk=encoder.pk).first()
    if known is None:
        raise NotFilled(f"{encoder} has been removed.")
    if known.is_being_removed:
        raise NotFilled(f"{known} is being removed: run `encoders remove {known.handle}` first.")
    if known.obstacle:
        raise NotFilled(f"{known} can't be computed here: {known.obstacle}")

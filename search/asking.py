"""Asking by a picture that is not stored, or by images liked and disliked."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import sqrt
from uuid import uuid4

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from gallery.decoding import UndecodableImage, reason_for
from gallery.imagefile import inspect
from gallery.ingest import write_file
from gallery.models import Image, State, StrayFile, User
from search import encoders
from search.catalogue import encoders_to_fill
from search.encoders.pictures import open_for_encoding
from search.models import Embedding, Encoder, Query
from search.models.queries import LIFETIME
from search.similarity import Vector

# Weight of what is to be avoided against what is wanted: the usual 0.25 of Manning, Raghavan and
# Schütze, "Introduction to Information Retrieval" (2008), section 9.1.1, where 0.75 is the other.
AVOIDANCE = 1 / 3

Crop = tuple[float, float, float, float]


class UnusableExample(Exception):
    """An example that can't be asked with; the message says which and why."""


def ask_by_file(
    asker: User, file: File, encoder: Encoder, filters: dict[str, str], crop: Crop | None = None
) -> Query:
    """Note the question; ringing is for the caller. Raises RejectedFile, then nothing is left."""
    facts = inspect(file)
    name = f"queries/{uuid4().hex}.{facts.suffix}"
    # Never adopted by a row, so it is swept when the query's day is over, or sooner.
    StrayFile.objects.announce([name], LIFETIME)
    try:
        write_file(name, file)
        return Query.objects.create(
            asker=asker, encoder=encoder, file_name=name, crop=crop, filters=filters, wanted=True
        )
    except Exception:
        StrayFile.objects.doom([name])
        raise


def ask_by_examples(
    asker: User,
    positive: Sequence[int],
    negative: Sequence[int],
    encoder: Encoder,
    filters: dict[str, str],
) -> Query:
    """A question that is answerable at once. Raises UnusableExample."""
    liked, disliked = (vectors_of(asker, ids, encoder) for ids in (positive, negative))
    return Query.objects.create(
        asker=asker,
        encoder=encoder,
        examples=[*positive, *negative],
        filters=filters,
        vector=rocchio(liked, disliked),
        state=State.READY,
    )


def vectors_of(asker: User, ids: Sequence[int], encoder: Encoder) -> list[Vector]:
    seen = set(Image.objects.visible_to(asker).filter(pk__in=ids).values_list("pk", flat=True))
    found = dict(
        Embedding.objects.of(encoder)
        .filter(image__in=seen)
        .exclude(vector=None)
        .values_list("image", "vector")
    )
    vectors: list[Vector] = []
    for pk in ids:
        if pk not in seen:
            raise UnusableExample(f"There is no image {pk}, or you may not see it.")
        if pk not in found:
            raise UnusableExample(f"Image {pk} can't be asked with: it has no embedding yet.")
        vectors.append(found[pk] or [])
    return vectors


def rocchio(positive: Sequence[Vector], negative: Sequence[Vector]) -> Vector:
    """The unit vector towards the mean of `positive` and away from that of `negative`.

    Rocchio, "Relevance feedback in information retrieval" (1971), back on the unit sphere.
    """
    wanted = mean(positive)
    if negative:
        wanted = [a - AVOIDANCE * b for a, b in zip(wanted, mean(negative), strict=True)]
    length = sqrt(sum(value * value for value in wanted))
    if length < 1e-6:
        raise UnusableExample("The examples cancel each other out: choose others.")
    return [value / length for value in wanted]


def mean(vectors: Iterable[Vector]) -> Vector:
    columns = zip(*vectors, strict=True)
    return [sum(column) / len(column) for column in columns]


def embed_next_query() -> bool:
    """Make the vector of the next query that waits; False when none does."""
    queries = Query.objects.filter(encoder__in=encoders_to_fill())
    first = queries.claimable().select_related("encoder").first()
    if first is None:
        return False
    network = encoders.load(first.encoder.name, first.encoder.digest)
    lease = timedelta(seconds=settings.EMBED_LEASE_SECONDS)
    claimed = queries.filter(encoder=first.encoder).claim(1, lease)
    for query in claimed:
        embed_query(query, network)
    return bool(claimed)


def embed_query(query: Query, network: encoders.Encoder) -> None:
    pending = Query.objects.filter(pk=query.pk).pending()
    try:
        with default_storage.open(query.file_name) as file:
            picture = open_for_encoding(file, network.input_size)
    except (UndecodableImage, FileNotFoundError) as error:
        pending.fail(reason_for(error))
    else:
        if query.crop:
            picture = picture.crop(pixels_of(query.crop, picture.size))
        pending.succeed(vector=network.encode([picture])[0].tolist())
    StrayFile.objects.doom([query.file_name])


def pixels_of(crop: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, upper, right and lower pixel of a crop in fractions; at least one pixel each way."""
    (x, y, broad, high), (width, height) = crop, size
    left, top = min(int(x * width), width - 1), min(int(y * height), height - 1)
    right, bottom = round((x + broad) * width), round((y + high) * height)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def sweep_queries() -> bool:
    """Forget what is a day old, give up what was tried too often; whether anything waits."""
    Query.objects.expired().delete()
    Query.objects.exhausted().fail("Given up: this picture ended the program three times.")
    return Query.objects.claimable().exists()

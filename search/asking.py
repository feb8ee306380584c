"""Asking by a picture that is not stored, or by images liked and disliked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.utils.translation import gettext

from gallery.decoding import UndecodableImage, reason_for
from gallery.imagefile import RejectedFile, inspect
from gallery.ingest import write_file
from gallery.models import Album, Image, State, StrayFile, User
from gallery.renditions import plain_jpeg
from search import encoders
from search.catalogue import encoders_to_fill, reason_against, successor_of
from search.crops import Crop, pixels_of, side_around
from search.encoders.pictures import opened_for_encoding, square_pixels
from search.fetching import fetched
from search.indexing import NO_VECTOR, is_vector
from search.models import Embedding, Encoder, Query, SavedSearch
from search.models.queries import LIFETIME
from search.similarity import Vector

if TYPE_CHECKING:
    from search.encoders.base import Pixels

# Weight of what is to be avoided against what is wanted: the usual 0.25 of Manning, Raghavan and
# Schütze, "Introduction to Information Retrieval" (2008), section 9.1.1, where 0.75 is the other.
AVOIDANCE = 1 / 3

# Longest side of what is kept of a picture that was sent: enough for the page, and for a crop.
PICTURE_SIDE = 1600
MOST_EXAMPLES = 100


class UnusableExample(Exception):
    """An example that can't be asked with; the message says which and why."""


class UnseenExample(UnusableExample):
    def __init__(self, pk: int) -> None:
        text = gettext("There is no image %(pk)s, or you may not see it.")
        super().__init__(text % {"pk": pk})


class ExampleWithoutVector(UnusableExample):
    """One that may be asked with later."""

    def __init__(self, pk: int) -> None:
        text = gettext("Image %(pk)s can't be asked with: it has no embedding yet.")
        super().__init__(text % {"pk": pk})
        self.pk = pk


def ask_by_file(
    asker: User, file: File, encoder: Encoder, filters: dict[str, str], crop: Crop | None = None
) -> Query:
    """Note the question; ringing is for the caller. Raises RejectedFile, then nothing is left."""
    picture = ContentFile(plain_copy(file))
    name = f"queries/{uuid4().hex}.jpg"
    # Never adopted by a row, so it is swept when the query's day is over, or sooner.
    StrayFile.objects.announce([name], LIFETIME)
    try:
        write_file(name, picture)
        return note(encoder, asker=asker, file_name=name, crop=crop, filters=filters)
    except Exception:
        StrayFile.objects.doom([name])
        raise


def plain_copy(file: File) -> bytes:
    """What is kept of a sent picture: its pixels, and nothing of the file they came in."""
    inspect(file)
    try:
        return plain_jpeg(file, PICTURE_SIDE)
    except UndecodableImage as error:
        raise RejectedFile(str(error)) from error


def ask_by_url(
    asker: User, url: str, encoder: Encoder, filters: dict[str, str], crop: Crop | None = None
) -> Query:
    """As `ask_by_file` with what is at `url`, within seconds, so that its asker hears at once."""
    with fetched(url) as file:
        return ask_by_file(asker, file, encoder, filters, crop)


def ask_by_part(
    asker: User, image: Image, encoder: Encoder, filters: dict[str, str], crop: Crop
) -> Query:
    """Ask by a part of an image that `asker` may see. Ringing is for the caller."""
    return note(encoder, asker=asker, image=image, examples=[image.pk], crop=crop, filters=filters)


def ask_by_other_part(query: Query, crop: Crop) -> Query:
    """Ask by another part of the same picture, which then stays for another day."""
    if query.file_name and not SavedSearch.objects.keeping(query.file_name).exists():
        StrayFile.objects.announce([query.file_name], LIFETIME)
    return note(
        query.encoder,
        asker=query.asker,
        image=query.image,
        file_name=query.file_name,
        examples=query.examples,
        crop=crop,
    )


def note(encoder: Encoder, **question: Any) -> Query:
    """Store a question by a picture, for the encoder's successor where it has one.

    One that nobody here can look at fails at once.
    """
    encoder = successor_of(encoder) or encoder
    error = reason_against(encoder)
    state = State.FAILED if error else State.PENDING
    return Query.objects.create(
        encoder=encoder, state=state, error=error, wanted=not error, **question
    )


def forget(query: Query) -> bool:
    """Delete the query; where it has a picture, that too and all that was asked by it.

    What a saved search asks with stays; returns whether nothing did.
    """
    queries = Query.objects.filter(asker=query.asker)
    if not query.file_name:
        return bool(queries.filter(pk=query.pk).unsaved().delete()[0])
    queries.filter(file_name=query.file_name).unsaved().delete()
    if SavedSearch.objects.keeping(query.file_name).exists():
        return False
    StrayFile.objects.doom([query.file_name])
    return True


def forget_example(instance: Image, **signal: Any) -> None:
    """Delete what was asked with an image that is deleted: those vectors were made from its own."""
    Query.objects.filter(examples__contains=[instance.pk]).delete()


def forget_replaced_example(image: Image, **signal: Any) -> None:
    """As of one that is deleted; what saved searches ask with it is asked anew."""
    forget_example(image)


def ask_by_examples(
    asker: User,
    positive: Sequence[int],
    negative: Sequence[int],
    encoder: Encoder,
    filters: dict[str, str],
) -> Query:
    """A question that is answerable at once. Raises UnusableExample."""
    query = question_of(asker, positive, negative, encoder)
    query.filters, query.disliked = filters, list(negative)
    query.save()
    return query


def question_of(
    asker: User,
    positive: Sequence[int],
    negative: Sequence[int],
    encoder: Encoder,
    besides: Sequence[Vector] = (),
) -> Query:
    """The unsaved query for what is like `positive` and the vectors `besides`, unlike `negative`.

    Raises UnusableExample.
    """
    liked, disliked = (vectors_of(asker, ids, encoder) for ids in (positive, negative))
    return Query(
        asker=asker,
        encoder=encoder,
        examples=[*positive, *negative],
        vector=rocchio([*besides, *liked], disliked),
        state=State.READY,
    )


def vectors_in(album: Album, asker: User, encoder: Encoder) -> list[Vector]:
    """Those of a sample of the album's images that `asker` may see. Raises UnusableExample."""
    embedded = Embedding.objects.of(encoder).exclude(vector=None)
    images = Image.objects.visible_to(asker).in_albums(Album.objects.filter(pk=album.pk))
    sample = images.filter(embeddings__in=embedded).sample(MOST_EXAMPLES)
    vectors = embedded.filter(image__in=list(sample.values_list("pk", flat=True)))
    found = [vector or [] for vector in vectors.values_list("vector", flat=True)]
    if not found:
        raise UnusableExample(gettext("This album has no picture yet that can be asked with."))
    return found


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
            raise UnseenExample(pk)
        if pk not in found:
            raise ExampleWithoutVector(pk)
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
        raise UnusableExample(gettext("The examples cancel each other out: choose others."))
    return [value / length for value in wanted]


def mean(vectors: Iterable[Vector]) -> Vector:
    columns = zip(*vectors, strict=True)
    return [sum(column) / len(column) for column in columns]


def embed_next_query() -> bool:
    """Make the vector of the next query that waits; False when none does."""
    queries = Query.objects.filter(encoder__in=encoders_to_fill())
    first = queries.claimable().in_line().select_related("encoder").first()
    if first is None:
        return False
    waiting = queries.filter(encoder=first.encoder)
    try:
        network = encoders.load(first.encoder.name, first.encoder.digest)
    except encoders.UnloadableEncoder as error:
        # Whoever waits is told, and those who ask another encoder are next.
        return bool(waiting.claimable().fail(str(error)))
    lease = timedelta(seconds=settings.EMBED_LEASE_SECONDS)
    claimed = waiting.select_related("image").claim(1, lease)
    for query in claimed:
        embed_query(query, network)
    return bool(claimed)


def embed_query(query: Query, network: encoders.Encoder) -> None:
    pending = Query.objects.filter(pk=query.pk).pending()
    try:
        picture = open_queried(query, network.input_size)
    except (UndecodableImage, FileNotFoundError) as error:
        pending.fail(reason_for(error))
        return
    vector = network.encode([picture])[0].tolist()
    if is_vector(vector):
        pending.succeed(vector=vector)
    else:
        pending.fail(NO_VECTOR)


def open_queried(query: Query, input_size: int) -> Pixels:
    """The picture, or the part of it, that is asked with; raises as `open_squeezed`."""
    crop = query.crop or (0, 0, 1, 1)
    name = query.image.stored_name if query.image else query.file_name
    with (
        default_storage.open(name) as file,
        opened_for_encoding(file, side_around(crop, input_size)) as picture,
    ):
        box = pixels_of(crop, picture.size)
        return square_pixels(picture.crop(box) if query.crop else picture, input_size)


def sweep_queries() -> bool:
    """Forget what is a day old, give up what was tried too often; whether anything waits."""
    Query.objects.expired().delete()
    hand_over()
    Query.objects.exhausted().fail("Given up: this picture ended the program three times.")
    return Query.objects.claimable().exists()


def hand_over() -> None:
    """Let successors look at what was asked of encoders that can't any more, or say that."""
    waiting = Query.objects.pending().exclude(encoder__in=encoders_to_fill())
    for encoder in Encoder.objects.filter(pk__in=waiting.values("encoder")):
        asked = waiting.filter(encoder=encoder)
        if successor := successor_of(encoder):
            known = Query.objects.filter(encoder=successor).values("question")
            asked.exclude(question__in=known).update(encoder=successor)
        # It may have come back meanwhile, and answers then.
        if reason := reason_against(encoder):
            asked.fail(reason)

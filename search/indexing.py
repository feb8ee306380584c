"""From stored image to committed vector: request, claim, decode, encode, keep."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from PIL.Image import Image as Picture

from gallery.bell import ring
from gallery.models import Image
from search import encoders
from search.catalogue import encoders_to_fill, promote_successor
from search.encoders.pictures import UndecodableImage, open_for_encoding
from search.models import Embedding, Encoder
from search.models.embeddings import EmbeddingQuerySet

logger = logging.getLogger(__name__)

GAVE_UP = "Given up: computing its embedding ended the program three times."
GONE = "The image's file is missing in storage."
SWEEP_CHUNK = 2000


def on_image_stored(image: Image, **signal: Any) -> None:
    """Hear of a new image: note the work, then ring for it."""
    from search.tasks import embed_pending

    request_embeddings([image])
    ring(embed_pending)


def request_embeddings(images: Iterable[Image]) -> None:
    """Note that these images want a vector of every encoder; those that have one keep it."""
    wanted = encoders_to_fill()
    Embedding.objects.bulk_create(
        [Embedding(image=image, encoder=encoder) for image in images for encoder in wanted],
        ignore_conflicts=True,
    )


def images_without_embedding(encoder: Encoder) -> Any:
    has_one = Embedding.objects.filter(image=OuterRef("pk"), encoder=encoder)
    return Image.objects.exclude(Exists(has_one)).order_by("pk")


def embedding_for_waiting(image: Image, encoder: Encoder) -> Embedding:
    """The image's embedding; when it is not made yet a worker is asked for it at once."""
    from search.tasks import embed_wanted

    embedding, _ = Embedding.objects.get_or_create(image=image, encoder=encoder)
    still_waits = Embedding.objects.filter(pk=embedding.pk).pending()
    if embedding.vector is None and still_waits.filter(wanted=False).update(wanted=True):
        ring(embed_wanted)
    return embedding


def embed_batch(work: EmbeddingQuerySet) -> int:
    """Embed the next batch of `work`, all of one encoder; return how many were claimed."""
    first = work.claimable().order_by("-wanted", "-encoder__is_active", "pk").first()
    if first is None:
        return 0
    lease = timedelta(seconds=settings.EMBED_LEASE_SECONDS)
    claimed = (
        work.of(first.encoder)
        .select_related("image", "encoder")
        .defer("vector")
        .claim(settings.EMBED_BATCH_SIZE, lease)
    )
    if claimed:
        encode_claimed(claimed, first.encoder, lease)
    return len(claimed)


def encode_claimed(claimed: list[Embedding], encoder: Encoder, lease: timedelta) -> None:
    network = encoders.load(encoder.name)
    if network.digest != encoder.digest:
        raise RuntimeError(f"{encoder} is not the {network.name} that this worker has loaded")
    held = Embedding.objects.filter(pk__in=[embedding.pk for embedding in claimed])
    pictures: list[tuple[Embedding, Picture]] = []
    for embedding in claimed:
        picture = decode(embedding, network)
        if picture is not None:
            pictures.append((embedding, picture))
        held.renew(lease)
    if pictures:
        keep_vectors(pictures, network)


def decode(embedding: Embedding, network: encoders.Encoder) -> Picture | None:
    """The image's picture; None after noting why there is none."""
    try:
        with embedding.image.file.open() as file:
            return open_for_encoding(file, network.input_size)
    except FileNotFoundError:
        reason = GONE
    except UndecodableImage as error:
        reason = str(error)
    Embedding.objects.filter(pk=embedding.pk).pending().fail(reason, vector=None)
    return None


def keep_vectors(pictures: list[tuple[Embedding, Picture]], network: encoders.Encoder) -> None:
    vectors = network.encode([picture for _, picture in pictures])
    with transaction.atomic():
        for (embedding, _), vector in zip(pictures, vectors, strict=True):
            embedding.keep(vector.tolist(), network.precision)


def sweep() -> bool:
    """Heal what was lost: rows never written, items given up. Return whether anything waits."""
    Embedding.objects.exhausted().fail(GAVE_UP, vector=None)
    for encoder in encoders_to_fill():
        request_embeddings(images_without_embedding(encoder)[:SWEEP_CHUNK])
    promote_successor()
    return Embedding.objects.claimable().exists()

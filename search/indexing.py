"""From stored image to committed vector: request, claim, decode, encode, keep."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from PIL.Image import Image as Picture

from gallery.decoding import UndecodableImage, reason_for
from gallery.models import Image
from search import encoders
from search.catalogue import encoders_to_fill, promote_successor
from search.encoders.pictures import open_for_encoding
from search.models import Embedding, Encoder
from search.models.embeddings import EmbeddingQuerySet

logger = logging.getLogger(__name__)

GAVE_UP = "Given up: computing its embedding ended the program three times."
SWEEP_CHUNK = 2000

Pictures = list[tuple[Embedding, Picture]]


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


def embed_batch(work: EmbeddingQuerySet) -> int:
    """Embed the next batch of `work`, all of one encoder; return how many were claimed."""
    work = work.filter(encoder__in=encoders_to_fill())
    first = work.claimable().order_by("-wanted", "-encoder__is_active", "pk").first()
    if first is None:
        return 0
    # Loaded before anything is claimed: an encoder that can't be is no image's fault.
    network = encoders.load(first.encoder.name, first.encoder.digest)
    lease = timedelta(seconds=settings.EMBED_LEASE_SECONDS)
    claimed = work.of(first.encoder).select_related("image").defer("vector")
    batch = claimed.claim(settings.EMBED_BATCH_SIZE, lease)
    pictures = decode_batch(batch, network, lease)
    if pictures:
        keep_vectors(pictures, network)
    return len(batch)


def decode_batch(batch: list[Embedding], network: encoders.Encoder, lease: timedelta) -> Pictures:
    """The pictures of a claimed batch; those that can't be decoded are noted as failed."""
    pictures: Pictures = []
    renewed = monotonic()
    for embedding in batch:
        if (picture := decode(embedding, network)) is not None:
            pictures.append((embedding, picture))
        if monotonic() - renewed > lease.total_seconds() / 3:
            Embedding.objects.filter(pk__in=[held.pk for held in batch]).renew(lease)
            renewed = monotonic()
    return pictures


def decode(embedding: Embedding, network: encoders.Encoder) -> Picture | None:
    """The image's picture; None after noting why there is none."""
    try:
        with embedding.image.file.open() as file:
            return open_for_encoding(file, network.input_size)
    except (UndecodableImage, FileNotFoundError) as error:
        failed = Embedding.objects.filter(pk=embedding.pk).pending()
        failed.fail(reason_for(error), vector=None)
        return None


def keep_vectors(pictures: Pictures, network: encoders.Encoder) -> None:
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

"""Removing an encoder: its index, its vectors, its files, and the row that knew it, in this order.

Whatever ends it half-way, the row still says that the encoder is being removed: nobody fills or
asks it, and a second run does the rest.
"""

from collections.abc import Callable

from django.conf import settings

from search import ann_index
from search.encoders import UnknownEncoder, identify, manifests
from search.encoders.base import EncoderIdentity
from search.models import Embedding, Encoder
from search.turns import turn

BATCH = 5000


class RemovalRefused(Exception):
    """The encoder stays; the message says why."""


def ignore(count: int) -> None:
    """Progress that nobody watches."""


@turn()
def remove(encoder: Encoder, progress: Callable[[int], object] = ignore) -> None:
    """Remove the encoder and all its vectors; `progress` hears of each batch's size.

    Raises RemovalRefused for the one that answers and for the built-in default, and NotYourTurn.
    """
    mark(encoder)
    ann_index.drop(encoder)
    rows = Embedding.objects.of(encoder)
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        Embedding.objects.filter(pk__in=batch).delete()
        progress(len(batch))
    manifests.forget(EncoderIdentity(encoder.name, encoder.digest, encoder.dimensions))
    # Takes along what a straggler has noted meanwhile, and the queries of its last day.
    encoder.delete()


def mark(encoder: Encoder) -> None:
    """From now on the encoder is neither filled nor asked; in one step, if it does not answer."""
    if is_default(encoder):
        raise RemovalRefused(f"{encoder} is built in, the default: it would come back.")
    others = Encoder.objects.filter(pk=encoder.pk, is_active=False)
    if not others.update(is_being_removed=True):
        raise RemovalRefused(f"{encoder} is the one that answers: activate another first.")


def is_default(encoder: Encoder) -> bool:
    try:
        default = identify(settings.DEFAULT_ENCODER)
    except UnknownEncoder:
        return False
    return (default.name, default.digest) == (encoder.name, encoder.digest)

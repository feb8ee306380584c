"""Which encoders the gallery knows, and which of them answers."""

import logging
from typing import Any

from django.conf import settings

from search import encoders
from search.models import Encoder

logger = logging.getLogger(__name__)


def register_default_encoder(**signal: Any) -> None:
    """Know the default encoder after every migration; activate it when nothing answers yet.

    New weights under the same name are another encoder: it is filled beside the old one, which
    answers until then (see `promote_successor`).
    """
    identity = encoders.identify(settings.DEFAULT_ENCODER)
    encoder, is_new = Encoder.objects.get_or_create(
        name=identity.name,
        digest=identity.digest,
        defaults={"dimensions": identity.dimensions},
    )
    active = Encoder.objects.active()
    if active is None:
        encoder.activate()
    elif is_new:
        logger.warning("encoder %s is new: %s answers until it is filled", encoder, active)


def encoders_to_fill() -> list[Encoder]:
    """The encoders that every image gets a vector of: those this installation can compute."""
    return list(Encoder.objects.loadable().order_by("-is_active", "pk"))


def promote_successor() -> None:
    """Switch to the active encoder's new weights once every image has its vector of them."""
    active = Encoder.objects.active()
    if active is None or active.is_loadable:
        return
    for encoder in Encoder.objects.filter(name=active.name).loadable():
        if encoder.is_complete():
            encoder.activate()
            logger.warning("encoder %s is filled and answers instead of %s", encoder, active)

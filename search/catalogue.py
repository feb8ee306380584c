"""Which encoders the gallery knows, and which of them answers."""

import logging
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, ngettext

from gallery.models import Image
from search import encoders
from search.coverage import coverages
from search.encoders import DamagedWeights, EncoderIdentity, UnknownEncoder
from search.models import Encoder
from search.training.gate import loss_of

logger = logging.getLogger(__name__)

# How many images, or which share of them, new weights may have failed at and answer by themselves
# all the same: a few broken files hold up no upgrade, a disk that was not there does.
MOST_LOST = 3
MOST_LOST_SHARE = 0.01


class NoSuchEncoder(LookupError):
    """No encoder, or more than one, is meant; the message names those there are."""


class ActivationRefused(Exception):
    """The encoder can't answer yet; the message says why."""


class WorseEncoder(ActivationRefused):
    """The encoder is worse than the one that answers; the message names the difference."""


def register_encoders(**signal: Any) -> None:
    """After every migration look who the known encoders are now; activate the default if need be.

    New weights under the same name are another encoder: it is filled beside the old one, which
    answers until then (see `promote_successor`).
    """
    known = Encoder.objects.in_use().values_list("name", flat=True)
    for name in sorted({settings.DEFAULT_ENCODER, *known}):
        try:
            encoder = register(encoders.identify(name))
        except UnknownEncoder:
            # Its vectors still answer; `encoders list` says that they can't be made any more.
            continue
        except DamagedWeights as error:
            logger.error("encoder %s is left alone: %s", name, error)
            continue
        if name == settings.DEFAULT_ENCODER and Encoder.objects.active() is None:
            encoder.activate()


def register(identity: EncoderIdentity) -> Encoder:
    """The row of this very encoder, made where there is none yet."""
    encoder, is_new = Encoder.objects.get_or_create(
        name=identity.name,
        digest=identity.digest,
        defaults={"dimensions": identity.dimensions},
    )
    others = Encoder.objects.filter(name=identity.name).exclude(pk=encoder.pk)
    if is_new and (before := others.order_by("-is_active", "-pk").first()):
        answers = "answers until it is filled" if before.is_active else "keeps its own vectors"
        logger.warning("encoder %s is new: %s %s", encoder, before, answers)
    return encoder


def find(text: str) -> Encoder:
    """The encoder that NAME or NAME@DIGEST means, a part of the digest being enough.

    Of several of one name, the one installed here, or else the newest. Raises NoSuchEncoder.
    """
    name, _, digest = text.partition("@")
    named = list(Encoder.objects.filter(name=name, digest__startswith=digest).order_by("-pk"))
    if not named:
        known = ", ".join(encoder.handle for encoder in Encoder.objects.order_by("pk"))
        said = gettext("There is no encoder '%(name)s'. There are: %(names)s.")
        raise NoSuchEncoder(said % {"name": text, "names": known})
    if digest and len(named) > 1:
        meant = ", ".join(f"{encoder.name}@{encoder.digest}" for encoder in named)
        raise NoSuchEncoder(f"{text!r} may be any of {meant}.")
    return next((encoder for encoder in named if encoder.is_loadable), named[0])


def activate(encoder: Encoder, *, incomplete: bool = False, although_worse: bool = False) -> None:
    """Let the encoder answer. Raises ActivationRefused while images would go unfound.

    With `incomplete` it answers at once, and images are found as they get their vectors. One that
    its training's test images show to be worse is WorseEncoder, unless `although_worse`.
    """
    check_activation(encoder, incomplete=incomplete, although_worse=although_worse)
    if not encoder.activate():
        raise being_removed(encoder)


def check_activation(
    encoder: Encoder, *, incomplete: bool = False, although_worse: bool = False
) -> None:
    """Raise what `activate` would."""
    if encoder.is_being_removed:
        raise being_removed(encoder)
    if obstacle := encoder.obstacle:
        text = gettext(
            "%(encoder)s can't be computed here, so new images would stay without: %(obstacle)s"
        )
        raise ActivationRefused(text % {"encoder": encoder, "obstacle": obstacle})
    if not incomplete and not encoder.is_complete():
        coverage = coverages([encoder])[encoder.pk]
        text = gettext(
            "%(encoder)s has vectors of %(coverage)s images so far; the others would not be found."
        )
        raise ActivationRefused(text % {"encoder": encoder, "coverage": coverage})
    active = Encoder.objects.active()
    if active and not incomplete and (lost := encoder.lost_of(active)):
        text = ngettext(
            "%(encoder)s failed at %(count)s image that %(active)s finds."
            " `embed_images --missing --encoder %(name)s` has another try.",
            "%(encoder)s failed at %(count)s images that %(active)s finds."
            " `embed_images --missing --encoder %(name)s` has another try.",
            lost,
        )
        said = {"encoder": encoder, "count": lost, "active": active, "name": encoder.name}
        raise ActivationRefused(text % said)
    if not although_worse and (loss := loss_of(encoder, active)):
        raise WorseEncoder(str(loss))


def being_removed(encoder: Encoder) -> ActivationRefused:
    return ActivationRefused(gettext("%(encoder)s is being removed.") % {"encoder": encoder})


def successor_of(encoder: Encoder) -> Encoder | None:
    """The encoder of its name that is installed here, where its own weights are not any more."""
    if encoder.is_loadable:
        return None
    named = Encoder.objects.in_use().filter(name=encoder.name).select_related("scale")
    return named.loadable().first()


def is_successor(encoder: Encoder) -> bool:
    """Whether it is being filled to answer in place of the active one, whose weights are gone."""
    active = Encoder.objects.active()
    return active is not None and encoder == successor_of(active)


def reason_against(encoder: Encoder) -> str:
    """Why pictures get no vectors of it here; empty where they do."""
    if encoder.is_being_removed:
        return str(being_removed(encoder))
    if obstacle := encoder.obstacle:
        text = gettext("%(encoder)s can’t look at new pictures here: %(obstacle)s")
        return text % {"encoder": encoder, "obstacle": obstacle}
    return ""


def encoders_to_fill() -> list[Encoder]:
    """The encoders that every image gets a vector of: those this installation can compute."""
    return list(Encoder.objects.in_use().loadable().order_by("-is_active", "pk"))


def promote_successor() -> None:
    """Switch to the active encoder's new weights once all images but a few have their vector."""
    active = Encoder.objects.active()
    if active is None or active.is_loadable:
        return
    for encoder in Encoder.objects.in_use().filter(name=active.name).loadable():
        if not encoder.is_complete():
            continue
        most = max(MOST_LOST, MOST_LOST_SHARE * Image.objects.count())
        if (lost := encoder.lost_of(active)) > most:
            logger.error(
                "encoder %s failed at %s images that %s finds, which goes on answering:"
                " `embed_images --missing --encoder %s` has another try",
                *(encoder, lost, active, encoder.name),
            )
        elif encoder.activate():
            logger.warning("encoder %s is filled and answers instead of %s", encoder, active)

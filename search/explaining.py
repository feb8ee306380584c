"""Finding out why two pictures are similar: claim, take apart, keep for a day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_noop

from gallery.decoding import UndecodableImage, reason_for
from search import encoders
from search.asking import open_queried
from search.catalogue import encoders_to_fill
from search.encoders.explaining import Unexplainable, matches
from search.encoders.pictures import open_squeezed
from search.models import Explanation, Query
from search.models.explanations import ExplanationQuerySet, Matches

if TYPE_CHECKING:
    from search.encoders.base import Pixels

GAVE_UP = gettext_noop("Given up: explaining this similarity ended the program three times.")


def explain_next() -> bool:
    """Make the next explanation that waits; False when none does."""
    first = waiting().in_line().select_related("encoder").first()
    if first is None:
        return False
    same = waiting().filter(encoder=first.encoder)
    try:
        network = encoders.load(first.encoder.name, first.encoder.digest)
    except encoders.UnloadableEncoder as error:
        return bool(same.fail(str(error)))
    lease = timedelta(seconds=settings.EMBED_LEASE_SECONDS)
    claimed = same.select_related("image", "query__image", "result").claim(1, lease)
    for explanation in claimed:
        explain(explanation, network)
    return bool(claimed)


def waiting() -> ExplanationQuerySet:
    """Those that this installation can make."""
    return Explanation.objects.filter(encoder__in=encoders_to_fill()).claimable()


def explain(explanation: Explanation, network: encoders.Encoder) -> None:
    pending = Explanation.objects.filter(pk=explanation.pk).pending()
    try:
        found = found_by(network, explanation)
    except (UndecodableImage, FileNotFoundError) as error:
        pending.fail(reason_for(error))
    except Unexplainable as error:
        pending.fail(str(error))
    else:
        pending.succeed(matches=found)


def found_by(network: encoders.Encoder, explanation: Explanation) -> Matches:
    """The matches to six decimals: all together they are off by less than what is shown."""
    pictures = pictures_of(explanation, network.input_size)
    one, other = map(network.parts, pictures)
    rounded: Matches = matches(one, other).round(6).tolist()
    return rounded


def pictures_of(explanation: Explanation, input_size: int) -> tuple[Pixels, Pixels]:
    """What was asked with, and the result; raises as `open_squeezed`."""
    asked = explanation.query or Query(image=explanation.image)
    with explanation.result.file.open() as file:
        return open_queried(asked, input_size), open_squeezed(file, input_size)


def sweep() -> bool:
    """Forget what is a day old, give up what was tried too often; whether anything waits."""
    Explanation.objects.expired().delete()
    Explanation.objects.exhausted().fail(GAVE_UP)
    return waiting().exists()

"""What is new in the answer to a saved search since its owner last looked at it.

At each look the nearest images are noted, and how far they reach. An image of today's answer that
is not among them is new if it could not be found by any encoder then; and if it lies within that
reach, for then it must have been hidden from the owner, or by the filters. What only moves up
because others went was there all along. Where the question has another vector by now, since another
encoder is active or an album has grown, the reach says nothing: it is measured anew, and nothing is
new for that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import inf
from time import monotonic
from typing import Any

from django.db.models.functions import Now

from gallery.models import Image
from gallery.models.images import ImageQuerySet, Person
from search.finding import Found, find
from search.models import Embedding, Encoder, SavedSearch
from search.saving import AskedAgain, GoneQuestion, ask_again
from search.similarity import Neighbour, Vector

# How much of an answer is noted; where a distance bounds it, this much of it is watched.
DEPTH = 500
# What was shown as new stays marked for those who come back from one of its pictures.
VISIT = timedelta(hours=1)
# How many are checked in a minute, and for how long; those that are left come first the next time.
BATCH = 500
CHECKING_SECONDS = 10


@dataclass(frozen=True)
class Look:
    """The answer to a saved search as it is now, to a depth of DEPTH, and what of it is new."""

    found: Found
    new: list[Neighbour]
    # Those that were in reach at the last look, and those that could be found then.
    known: list[int]
    # For which vector and when this is the answer, and up to which distance it is complete.
    vector_digest: str
    moment: datetime
    reach: float

    def shown_of(self, images: list[int]) -> list[Neighbour]:
        return [one for one in self.found.results if one.image_id in set(images)]


def watched(asked: AskedAgain) -> int | None:
    """Among how many of the nearest an image is new; None where a distance says it."""
    limit: int = asked.form.cleaned_data["limit"]
    return limit if asked.bounds.maximum is None else None


def look(saved: SavedSearch, asked: AskedAgain) -> Look:
    """Look at the answer to a query that has its vector.

    Every image is compared: what an index passed by last time must not be new this time.
    """
    vector = asked.query.vector or []
    found = find(
        vector,
        asked.encoder,
        asked.form.narrow(Image.objects.visible_to(saved.owner)),
        without=asked.query.examples,
        bounds=asked.bounds,
        limit=DEPTH,
        exact=True,
    )
    digest = digest_of(vector, asked.encoder)
    reach = saved.reach if digest == saved.seen_with else 0.0
    late = late_among(saved, asked.encoder, found.results, reach) | set(saved.news)
    answer = found.results[: watched(asked)]
    new = [one for one in answer if one.image_id in late]
    known = [one.image_id for one in found.results if one.image_id not in late]
    return Look(found, new, known, digest, saved.moment, reach_of(found, asked))


def digest_of(vector: Vector, encoder: Encoder) -> str:
    """Tells vectors apart, up to what rounding and the order of sums do to them."""
    numbers = ",".join(f"{value:.4f}" for value in vector)
    return sha256(f"{encoder.pk}:{numbers}".encode()).hexdigest()


def late_among(
    saved: SavedSearch, encoder: Encoder, results: list[Neighbour], reach: float
) -> set[int]:
    """The images among these that could not be found at the last look, or not by its owner."""
    seen = set(saved.seen)
    unseen = {one.image_id: one.distance for one in results if one.image_id not in seen}
    times = (
        Embedding.objects.of(encoder)
        .filter(image__in=unseen)
        .values_list("image", "findable_since", "changed_at")
    )
    return {
        image
        for image, since, changed_at in times
        if since >= saved.looked_at or (unseen[image] < reach and changed_at < saved.seen_at)
    }


def reach_of(found: Found, asked: AskedAgain) -> float:
    if found.following:
        return found.results[-1].distance
    return inf if asked.bounds.maximum is None else asked.bounds.maximum


def remember(saved: SavedSearch, now: Look) -> None:
    """Remember that its owner has looked: from here on this is nothing new."""
    is_same_visit = now.moment - saved.looked_at < VISIT
    saved.shown = [one.image_id for one in now.new] + (saved.shown if is_same_visit else [])
    SavedSearch.objects.filter(pk=saved.pk).update(
        seen=[one.image_id for one in now.found.results],
        reach=now.reach,
        seen_with=now.vector_digest,
        seen_at=now.moment,
        shown=saved.shown,
        news=[],
        looked_at=now.moment,
        checked_at=now.moment,
    )


def check(saved: SavedSearch) -> None:
    """Note what is new by now, unless its owner looks at it just then."""
    changes: dict[str, Any] = {}
    try:
        asked = ask_again(saved)
    except GoneQuestion:
        changes = {"news": []}
    else:
        if asked.query.vector is not None:
            changes = found_new(saved, look(saved, asked))
    unchanged = SavedSearch.objects.filter(pk=saved.pk, looked_at=saved.looked_at)
    unchanged.update(checked_at=Now(), **changes)


def found_new(saved: SavedSearch, now: Look) -> dict[str, Any]:
    """What a check changes: the news, and the reach where the question has another vector."""
    changes: dict[str, Any] = {"news": [one.image_id for one in now.new]}
    if now.vector_digest != saved.seen_with:
        changes |= {
            "seen": sorted({*saved.seen, *now.known}),
            "reach": now.reach,
            "seen_with": now.vector_digest,
            "seen_at": now.moment,
        }
    return changes


def check_longest_unchecked() -> None:
    until = monotonic() + CHECKING_SECONDS
    for saved in SavedSearch.objects.to_ask().longest_unchecked()[:BATCH]:
        check(saved)
        if monotonic() > until:
            break


def new_images(user: Person) -> ImageQuerySet:
    """What is new in any of a person's saved searches, as far as they may see it now."""
    pks = SavedSearch.objects.owned_by(user).order_by().new_images()
    return Image.objects.visible_to(user).filter(pk__in=pks)

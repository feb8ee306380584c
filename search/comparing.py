"""Two encoders' answers to one question, beside each other.

Their vectors and distances are never compared, only the order in which each finds the images.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from gallery.models import Image
from gallery.models.images import Person
from search.forms import Alike, SimilarityForm
from search.models import Embedding, Encoder, Query
from search.models.encoders import Coverage
from search.queries import Neighbours, nearest
from search.similarity import Bounds, Neighbour

# How many of each answer are shown, and how deep an image's rank is looked for in the other.
FIRST = 20
DEPTH = 200

Ask = Callable[[Encoder], Embedding | Query]


class NoSuchRival(LookupError):
    """There is no other encoder of that name; the message names those there are."""


@dataclass(frozen=True)
class Ranked:
    """An image found by one encoder, and where the other has it, if within DEPTH."""

    found: Neighbour
    rank: int
    other_rank: int | None

    @property
    def is_shared(self) -> bool:
        """Whether it is among the first of both."""
        return self.other_rank is not None and self.other_rank <= FIRST


@dataclass(frozen=True)
class Side:
    neighbours: Neighbours
    results: list[Ranked]
    # Of what the person may see; None where all of it has a vector.
    coverage: Coverage | None

    @property
    def encoder(self) -> Encoder:
        return self.neighbours.encoder


@dataclass(frozen=True)
class Comparison:
    """Both sides, with as many results as there are up to FIRST; none until both are ready."""

    sides: tuple[Side, Side]

    @property
    def is_waiting(self) -> bool:
        return any(side.neighbours.is_waiting for side in self.sides)

    @property
    def is_answer(self) -> bool:
        return all(side.neighbours.is_answer for side in self.sides)

    @property
    def error(self) -> str:
        """Why there can't be an answer."""
        queries = [side.neighbours.query for side in self.sides]
        return next((query.error for query in queries if query.error), "")

    @property
    def shared(self) -> int:
        return sum(ranked.is_shared for ranked in self.sides[0].results)

    @property
    def first(self) -> int:
        """How many of each answer are compared."""
        return max(len(side.results) for side in self.sides)

    @property
    def images(self) -> list[Image]:
        return [ranked.found.image for side in self.sides for ranked in side.results]


def rival(name: str, encoder: Encoder) -> Encoder:
    """The other encoder that NAME or NAME@DIGEST means. Raises NoSuchRival."""
    others = Encoder.objects.in_use().exclude(pk=encoder.pk).select_related("scale")
    name, _at, digest = name.partition("@")
    named = others.filter(name=name, digest__startswith=digest)
    if found := named.order_by("-is_active", "-pk").first():
        return found
    known = ", ".join(others.order_by("name").values_list("name", flat=True)) or _("none")
    message = _("There is no other encoder “%(name)s” to compare with. There are: %(known)s.")
    raise NoSuchRival(message % {"name": name, "known": known})


def compare(
    ask: Ask, encoders: tuple[Encoder, Encoder], user: Person, form: SimilarityForm
) -> Comparison:
    """Put the question that `ask` makes for an encoder to both, under a valid form's filters.

    The form's bounds are in the first one's distances; to the other they mean the same share of
    all pairs.
    """
    asked = deepened(form)
    one, other = encoders
    bounds = (form.bounds(one.known_scale), same_bounds(form, one, other))
    found = [
        answer(ask(encoder), encoder, user, asked, limits)
        for encoder, limits in zip(encoders, bounds, strict=True)
    ]
    both = (found[0], found[1]), (found[1], found[0])
    left, right = (side_of(neighbours, beside, user) for neighbours, beside in both)
    return Comparison((left, right))


def deepened(form: SimilarityForm) -> SimilarityForm:
    data = {name: form.data[name] for name in form.data}
    one_by_one = {"limit": DEPTH, "offset": 0, "place": "", "alike": Alike.APART}
    deep = type(form)({**data, **one_by_one}, user=form.user)
    deep.full_clean()
    return deep


def same_bounds(form: SimilarityForm, one: Encoder, other: Encoder) -> Bounds:
    """The form's bounds in the other encoder's distances, as soon as both are measured."""
    scale, other_scale = one.known_scale, other.known_scale
    if scale is None or other_scale is None:
        return form.bounds(other_scale)
    shares = form.bounds(scale).through(scale.share_farther)
    return shares.through(other_scale.distance_at)


def answer(
    query: Embedding | Query, encoder: Encoder, user: Person, form: SimilarityForm, bounds: Bounds
) -> Neighbours:
    without = query.examples if isinstance(query, Query) else [query.image_id]
    return nearest(query, encoder, without, user, form, bounds=bounds)


def side_of(found: Neighbours, beside: Neighbours, user: Person) -> Side:
    ranks = {one.image_id: rank for rank, one in enumerate(beside.results, 1)}
    results = [
        Ranked(one, rank, ranks.get(one.image_id))
        for rank, one in enumerate(found.results[:FIRST], 1)
    ]
    return Side(found, results, coverage_for(user, found.encoder))


def coverage_for(user: Person, encoder: Encoder) -> Coverage | None:
    """Of how many of the images `user` may see the encoder has a vector; None if of all."""
    images = Image.objects.visible_to(user)
    embedded = Exists(Embedding.similar.of(encoder).filter(image=OuterRef("pk")))
    if not images.exclude(embedded).exists():
        return None
    return Coverage(images.filter(embedded).count(), 0, images.count())

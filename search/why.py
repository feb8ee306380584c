"""Why two pictures are similar, for the page and the API alike."""

from dataclasses import dataclass
from functools import cached_property
from math import dist, fsum

from gallery.models import Image, State
from gallery.models.images import Person
from search.models import Embedding, Encoder, Explanation, Query
from search.models.explanations import Grid, Matches
from search.requesting import embedding_for_waiting, explanation_for_waiting


@dataclass(frozen=True)
class Why:
    """How similar two pictures are, and what each of their places adds to that.

    While `is_answer` is false only `error` and `is_waiting` have something to say.
    """

    encoder: Encoder
    asked: Embedding | Query
    result: Embedding
    explanation: Explanation

    @property
    def missing(self) -> list[Embedding | Query | Explanation]:
        """What is still to be made; an old vector answers while a new one is made."""
        vectors = [held for held in (self.asked, self.result) if held.vector is None]
        return [*vectors, *([self.explanation] if self.explanation.matches is None else [])]

    @property
    def is_answer(self) -> bool:
        return not self.missing

    @cached_property
    def error(self) -> str:
        """Why there will be no answer, if so."""
        errors = [work.error for work in self.missing if work.error]
        return (errors[0] if errors else self.encoder.obstacle) if self.missing else ""

    @property
    def can_be_tried_again(self) -> bool:
        """Whether only the explanation failed: a vector is its image's owner's business."""
        return self.missing == [self.explanation] and self.explanation.state == State.FAILED

    @property
    def is_waiting(self) -> bool:
        return not self.is_answer and not self.error

    @property
    def distance(self) -> float:
        """Euclidean, between their vectors: that of the results."""
        return dist(self.asked.vector or [], self.result.vector or [])

    @property
    def share_farther(self) -> float | None:
        """How many of the gallery's pairs are farther apart, 0..1, if that was measured."""
        scale = self.encoder.known_scale
        return scale.share_farther(self.distance) if scale else None

    @property
    def similarity(self) -> float:
        """The cosine of the angle between their vectors, which are of unit length."""
        return 1 - self.distance**2 / 2

    @property
    def matches(self) -> Matches:
        found: Matches = self.explanation.matches
        return found

    @property
    def total(self) -> float:
        """What all pairs of places add up to: the similarity, but for rounding."""
        return fsum(value for row in self.asked_map for value in row)

    @property
    def asked_map(self) -> Grid:
        """What each place of the picture asked with adds to the similarity."""
        return [[fsum(map(fsum, grid)) for grid in row] for row in self.matches]

    @property
    def result_map(self) -> Grid:
        """What each place of the result adds to the similarity."""
        grids = [grid for row in self.matches for grid in row]
        return [
            [fsum(cells) for cells in zip(*rows, strict=True)] for rows in zip(*grids, strict=True)
        ]


def why_similar(image: Image, result: Image, encoder: Encoder, user: Person) -> Why:
    """Why `result` is like `image`. What isn't known yet is put before the bulk of the work.

    Raises TooManyVisitors.
    """
    explanation = explanation_for_waiting(
        image, result, encoder, by_visitor=not user.is_authenticated
    )
    asked = embedding_for_waiting(image, encoder)
    return Why(encoder, asked, embedding_for_waiting(result, encoder), explanation)


def why_found(query: Query, result: Image) -> Why:
    """Why `result` is like the picture that was asked with."""
    explanation = explanation_for_waiting(query, result, query.encoder)
    return Why(query.encoder, query, embedding_for_waiting(result, query.encoder), explanation)

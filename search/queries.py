"""One answer to "what is like this?", for the page and the API alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from gallery.models import Image, State
from gallery.models.images import Person
from search.finding import find
from search.forms import MAX_OFFSET, SimilarityForm
from search.models import Embedding, Encoder, Query
from search.requesting import embedding_for_waiting


@dataclass(frozen=True)
class Neighbours:
    """The nearest images, nearest first, each an Embedding with `distance` and `image`.

    While `query.vector` is None there are none yet: `query.state` and `query.error` say why.
    """

    query: Embedding | Query
    encoder: Encoder
    results: list[Embedding]
    next_offset: int | None
    # Whether every image was compared, and whether there is an index that could have answered.
    exact: bool = True
    has_index: bool = False

    @property
    def images(self) -> list[Image]:
        return [found.image for found in self.results]

    @property
    def is_waiting(self) -> bool:
        """Whether the queried image's vector is still to be made."""
        return not self.is_answer and self.query.state == State.PENDING

    @property
    def is_answer(self) -> bool:
        """Whether the queried image has a vector, so that the results are its neighbours."""
        return self.query.vector is not None


def similar_to(image: Image, user: Person, asked: SimilarityForm) -> Neighbours:
    """The neighbours of `image` among those `user` may see, as a valid form asks for them.

    An image without a vector is put before the bulk of the work.
    """
    encoder: Encoder = asked.cleaned_data["encoder"]
    query = embedding_for_waiting(image, encoder)
    return nearest(query, encoder, [image.pk], user, asked)


def answer_to(query: Query, asked: SimilarityForm) -> Neighbours:
    """What is nearest to a query's vector, among what its asker may see now."""
    return nearest(query, query.encoder, query.examples, query.asker, asked)


def nearest(
    query: Embedding | Query,
    encoder: Encoder,
    without: Sequence[int],
    user: Person,
    asked: SimilarityForm,
) -> Neighbours:
    """One page of the images nearest to `query.vector`, if it is there; none of `without`."""
    if query.vector is None:
        return Neighbours(query, encoder, [], None)
    scale = encoder.known_scale
    offset, limit = asked.cleaned_data["offset"], asked.cleaned_data["limit"]
    found = find(
        query.vector,
        encoder,
        asked.narrow(Image.objects.visible_to(user)),
        without=without,
        bounds=asked.bounds(scale),
        offset=offset,
        limit=limit,
        exact=asked.cleaned_data["exact"],
    )
    for one in found.results:
        one.share_farther = scale.share_farther(one.distance) if scale else None
        one.why_path = query.path_to_why(one.image_id)
    following = offset + limit
    next_offset = following if found.more and following <= MAX_OFFSET else None
    return Neighbours(query, encoder, found.results, next_offset, found.exact, found.has_index)

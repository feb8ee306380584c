"""One answer to "what is like this?", for the page and the API alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from gallery.models import Image, User
from gallery.models.images import Person
from search.asking import ExampleWithoutVector, UnusableExample, question_of, vectors_in
from search.catalogue import is_successor, successor_of
from search.finding import find
from search.forms import MAX_OFFSET, SimilarityForm
from search.models import DistanceScale, Embedding, Encoder, Query
from search.places import Place
from search.questions import LISTS, ExamplesForm
from search.requesting import embedding_for_waiting, query_for_waiting
from search.similarity import Bounds, Neighbour, Vector, with_opened


@dataclass(frozen=True)
class Neighbours:
    """The nearest images, nearest first.

    While `query.vector` is None there are none yet: where there is no `query.error`, they will be
    there in a moment.
    """

    query: Embedding | Query
    encoder: Encoder
    results: list[Neighbour]
    # Where the next page begins; None where nothing follows, or nobody looks that far.
    following: Place | None
    # Whether every image was compared, and whether there is an index that could have answered.
    exact: bool = True
    has_index: bool = False

    @property
    def images(self) -> list[Image]:
        return [found.image for found in with_opened(self.results)]

    @property
    def is_waiting(self) -> bool:
        """Whether the queried image's vector is still to be made."""
        return not self.is_answer and not self.query.error

    @property
    def by_successor(self) -> bool:
        """Whether the active encoder's successor answers, which has not seen every image yet."""
        return not self.encoder.is_active and is_successor(self.encoder)

    @property
    def is_answer(self) -> bool:
        """Whether the queried image has a vector, so that the results are its neighbours."""
        return self.query.vector is not None


def similar_to(image: Image, user: Person, asked: SimilarityForm) -> Neighbours:
    """The neighbours of `image` among those `user` may see, as a valid form asks for them.

    An image without a vector is put before the bulk of the work. Where the encoder can't make it
    any more, its successor answers.
    """
    encoder: Encoder = asked.cleaned_data["encoder"]
    query = embedding_for_waiting(image, encoder)
    if query.vector is None and (successor := successor_of(encoder)):
        encoder, query = successor, embedding_for_waiting(image, successor)
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
    *,
    bounds: Bounds | None = None,
) -> Neighbours:
    """One page of the images nearest to `query.vector`, if it is there; none of `without`.

    `bounds` are there for those of the form where they are in another encoder's distances.
    """
    if query.vector is None:
        return Neighbours(query, encoder, [], None)
    scale = encoder.known_scale
    found = find(
        query.vector,
        encoder,
        asked.narrow(Image.objects.visible_to(user)),
        without=without,
        bounds=asked.bounds(scale) if bounds is None else bounds,
        place=asked.cleaned_data["place"],
        offset=asked.cleaned_data.get("offset", 0),
        limit=asked.cleaned_data["limit"],
        exact=asked.cleaned_data["exact"],
        within=asked.within(scale),
        opened=asked.cleaned_data.get("open", ()),
    )
    shown = with_opened(found.results)
    tell_shares(shown, scale)
    for one in shown:
        one.why_path = query.path_to_why(one.image_id)
    following = found.following
    if following and following.passed > MAX_OFFSET:
        following = None
    return Neighbours(query, encoder, found.results, following, found.exact, found.has_index)


def tell_shares(results: list[Neighbour], scale: DistanceScale | None) -> None:
    """Say of each result how many of the gallery's pairs are farther apart, if that is known."""
    for one in results:
        one.share_farther = scale.share_farther(one.distance) if scale else None


def question_in(form: ExamplesForm, asker: User, encoder: Encoder) -> Query:
    """The question by a valid form's examples alone. Raises UnusableExample."""
    album = form.cleaned_data["for_album"]
    liked, disliked = (form.cleaned_data[name] for name in LISTS)
    besides = vectors_in(album, asker, encoder) if album else []
    if not (besides or liked):
        raise UnusableExample(_("Choose at least one picture that it shall be like."))
    return by_examples(asker, liked, disliked, encoder, besides)


def by_examples(
    asker: User,
    liked: list[int],
    disliked: list[int],
    encoder: Encoder,
    besides: Sequence[Vector] = (),
) -> Query:
    """The unsaved query by examples; one that waits while an example has no vector yet."""
    try:
        return question_of(asker, liked, disliked, encoder, besides)
    except ExampleWithoutVector as missing:
        embedding = embedding_for_waiting(Image.objects.get(pk=missing.pk), encoder)
        return Query(asker=asker, encoder=encoder, state=embedding.state, error=embedding.error)


def refined(query: Query, form: ExamplesForm) -> Query:
    """The query, drawn towards and away from what was ticked among its results."""
    liked, disliked = (form.cleaned_data[name] for name in LISTS)
    if query.vector is None or not (liked or disliked):
        return query
    question = by_examples(query.asker, liked, disliked, query.encoder, [query.vector])
    question.examples += query.examples
    return question


def encoder_for(query: Query | None, form: SimilarityForm) -> Encoder:
    """The one that a valid form names, or else the one that a kept query was asked of."""
    named: Encoder = form.cleaned_data["encoder"]
    if query is None:
        return named
    encoder = named if form.data.get("encoder") else query.encoder
    return able_to_answer(query.question, encoder) if query.has_picture else encoder


def able_to_answer(question: UUID, encoder: Encoder) -> Encoder:
    """The encoder; or its successor, where it never saw the question's picture and can't now."""
    successor = successor_of(encoder)
    if successor is None:
        return encoder
    seen = Query.objects.filter(question=question, encoder=encoder).exclude(vector=None)
    return encoder if seen.exists() else successor


def put_to(encoder: Encoder, query: Query) -> Query:
    """A kept query's question, answered by `encoder`; it waits while that has no vector of it."""
    if query.encoder == encoder:
        return query
    if query.has_picture:
        return query_for_waiting(query.put_to(encoder))
    return by_examples(query.asker, query.liked, query.disliked, encoder)

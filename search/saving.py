"""Keeping a question under a name, and asking it again with the encoder that is active then."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gallery.models import Image, StrayFile, User
from search.asking import UnusableExample
from search.models import Encoder, Query, SavedSearch
from search.queries import able_to_answer, encoder_for, question_in, refined
from search.questions import LISTS, ExamplesForm, carried
from search.requesting import query_for_waiting
from search.similarity import Bounds


class GoneQuestion(Exception):
    """What was asked with is gone, or may not be seen any more; the message says what."""


@dataclass(frozen=True)
class AskedAgain:
    """A saved search as it is asked now."""

    form: ExamplesForm
    query: Query
    bounds: Bounds
    # How many of its examples are gone, or hidden from its owner.
    lost: int
    # Whether the bounds were chosen in another encoder's distances.
    is_translated: bool

    @property
    def encoder(self) -> Encoder:
        return self.query.encoder


def keep(owner: User, name: str, form: ExamplesForm, query: Query | None) -> SavedSearch:
    """Save the question of a valid form, beside that of a kept query if there is one."""
    encoder = encoder_for(query, form)
    saved = SavedSearch(owner=owner, name=name, encoder=encoder, asked=asked_in(form))
    if scale := encoder.known_scale:
        shares = form.bounds(scale).through(scale.share_farther)
        saved.bound_shares = [shares.minimum, shares.maximum]
    if query and query.has_picture:
        saved.question, saved.crop = query.question, query.crop
        saved.image, saved.file_name = query.image, query.file_name
    elif query:
        liked, disliked = (form.cleaned_data[name] for name in LISTS)
        saved.asked["positive"] = listed([*query.liked, *liked])
        saved.asked["negative"] = listed([*query.disliked, *disliked])
    with transaction.atomic():
        saved.save()
        StrayFile.objects.adopt([saved.file_name])
    return saved


def asks_nothing(form: ExamplesForm, query: Query | None) -> bool:
    return not (query or form.cleaned_data["positive"] or form.cleaned_data["for_album"])


def asked_in(form: ExamplesForm) -> dict[str, str]:
    """Examples and filters. Whichever encoder is active is to answer, so none is named."""
    known = {name: form.data[name] for name in form.fields if name in form.data}
    return {name: text for name, text in carried(known).items() if name != "encoder"}


def listed(pks: list[int]) -> str:
    return ",".join(map(str, pks))


def drop_picture(instance: SavedSearch, **signal: Any) -> None:
    """After a saved search was deleted: its picture goes too, and all that was asked with it."""
    name = instance.file_name
    if name and not SavedSearch.objects.keeping(name).exists():
        Query.objects.filter(file_name=name).delete()
        StrayFile.objects.doom([name])


def ask_again(saved: SavedSearch, **page: Any) -> AskedAgain:
    """Ask with what is left of the question. Raises GoneQuestion.

    `page` says which part of the answer is wanted, as in the form.
    """
    asked, lost = remaining(saved)
    form = ExamplesForm({**asked, **page}, user=saved.owner)
    if not form.is_valid():
        raise GoneQuestion(next(iter(form.errors.values()))[0])
    encoder: Encoder = form.cleaned_data["encoder"]
    if saved.question:
        encoder = able_to_answer(saved.question, encoder)
    try:
        query = query_of(saved, form, encoder)
    except UnusableExample as problem:
        raise GoneQuestion(str(problem)) from problem
    bounds = form.bounds(encoder.known_scale)
    translated = bounds_for(saved, encoder)
    return AskedAgain(form, query, translated or bounds, lost, bool(translated))


def remaining(saved: SavedSearch) -> tuple[dict[str, str], int]:
    """What is asked, without the examples its owner can't see, and how many these are."""
    visible = Image.objects.visible_to(saved.owner)
    seen = set(visible.filter(pk__in=saved.examples).values_list("pk", flat=True))
    lists = {
        name: [int(pk) for pk in saved.asked[name].split(",") if int(pk) in seen]
        for name in LISTS
        if saved.asked.get(name)
    }
    left = {name: listed(pks) for name, pks in lists.items()}
    return {**saved.asked, **left}, len(saved.examples) - len(seen)


def query_of(saved: SavedSearch, form: ExamplesForm, encoder: Encoder) -> Query:
    if saved.question:
        return refined(query_for_waiting(picture_query(saved, saved.question, encoder)), form)
    if not (form.cleaned_data["positive"] or form.cleaned_data["for_album"]):
        count = len(saved.examples)
        raise GoneQuestion(
            ngettext(
                "The picture it asks with is gone, or you may not see it any more.",
                "The pictures it asks with are gone, or you may not see them any more.",
                count,
            )
        )
    return question_in(form, saved.owner, encoder)


def picture_query(saved: SavedSearch, question: UUID, encoder: Encoder) -> Query:
    """The unsaved query by its picture, which must still be there for its owner to see."""
    image = saved.image
    if image and not Image.objects.visible_to(saved.owner).filter(pk=image.pk).exists():
        image = None
    if not (image or saved.file_name):
        raise GoneQuestion(
            _("The picture whose part it asks with is gone, or you may not see it any more.")
        )
    return Query(
        asker=saved.owner,
        question=question,
        encoder=encoder,
        image=image,
        file_name=saved.file_name,
        crop=saved.crop,
        examples=[image.pk] if image else [],
        wanted=True,
    )


def bounds_for(saved: SavedSearch, encoder: Encoder) -> Bounds | None:
    """Its bounds in the distances of another encoder than the one they were chosen with.

    They mean the same share of all pairs. None where they need no translation, or can't have it.
    """
    scale = encoder.known_scale
    if saved.encoder_id == encoder.pk or scale is None:
        return None
    return Bounds(*saved.bound_shares).through(scale.distance_at)

"""How smart albums look among the others: by three queries, however many there are."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeAlias

from django.db.models import Count, F, QuerySet, Value

from gallery.grid_form import GridForm
from gallery.models import Album, Image, SmartAlbum, State
from gallery.models.images import Person

Rows: TypeAlias = QuerySet[Any, Any]


class CardForm(GridForm):
    """What a smart album asks for, without the order of an album in it: that costs a query each."""

    albums_named: ClassVar[list[Album]] = []


def smart_cards(user: Person) -> list[SmartAlbum]:
    """Those that `user` may see, each with its `count` and its `cover` as they see it."""
    albums = list(SmartAlbum.objects.visible_to(user).select_related("owner"))
    forms = [card_form(album, user) for album in albums]
    counts = together(counted(form) for form in forms)
    covers = together(first_of(form) for form in forms)
    for album in albums:
        album.count, album.cover = counts.get(album.pk, 0), covers.get(album.pk)
    return albums


def card_form(album: SmartAlbum, user: Person) -> CardForm:
    form = CardForm({"smart": album.pk}, user=user)
    form.smart_album = album
    form.is_valid()
    return form


def counted(form: CardForm) -> Rows:
    images = form.narrow(Image.objects.visible_to(form.user)).order_by()
    return images.values(album=Value(form.cleaned_data["smart"])).annotate(said=Count("pk"))


def first_of(form: CardForm) -> Rows:
    ready = form.narrow(Image.objects.visible_to(form.user)).filter(rendering__state=State.READY)
    first = form.order.sort(ready)
    return first.values(album=Value(form.cleaned_data["smart"]), said=F("pk"))[:1]


def together(rows: Iterable[Rows]) -> dict[int, int]:
    """What is said of each album, by one query."""
    nothing: Rows = Image.objects.none()
    return {row["album"]: row["said"] for row in nothing.union(*rows, all=True)}

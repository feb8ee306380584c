"""Images with the labels that people gave them: to learn from, and to be asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, F, Min, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext

from gallery.models import Album, AlbumItem, Image
from search.catalogue import find
from search.models import Embedding
from search.splitting import (
    SHARES,
    Part,
    Shares,
    groups_of_equals,
    split,
    with_near_identical,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gallery.models.images import Person
    from search.models import Encoder

NAMED = 5


class TooFewLabels(Exception):
    """The labels make no two classes; the message says what there is."""


class LabelSource(StrEnum):
    """What is taken for the classes."""

    TAGS = "tags"
    ALBUMS = "albums"


@dataclass(frozen=True)
class LabelledImages:
    """Images by ascending primary key, and which of the classes each is of, one at least.

    `members` is bool (images, classes). `digests` are those of the images' bytes.
    """

    keys: list[int]
    digests: list[str]
    classes: list[str]
    members: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def strata(self) -> list[int]:
        """The class that each image counts for when all are split: the rarest of its own."""
        import numpy as np

        sizes = np.where(self.members, self.members.sum(axis=0), len(self) + 1)
        rarest: list[int] = sizes.argmin(axis=1).tolist()
        return rarest

    def vectors(self, encoder: Encoder) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
        """Which images have a vector of `encoder`, (n,), and the vectors of these, (m, d)."""
        import numpy as np

        known = vectors_of(self.keys, encoder)
        has = np.array([key in known for key in self.keys], np.bool_)
        vectors = [known[key] for key in self.keys if key in known]
        return has, np.array(vectors, np.float32).reshape(-1, encoder.dimensions)

    def parts(self, seed: int, shares: Shares = SHARES) -> list[Part]:
        """The part of each image, near-identical ones in the same.

        These are told by their bytes and by the vectors of the gallery's own encoder, whichever
        is trained or measured: the parts must not depend on it. They do depend on which images
        there are, so who trains keeps the keys that were learned from.
        """
        import numpy as np

        has, vectors = self.vectors(find(settings.DEFAULT_ENCODER))
        groups = groups_of_equals(self.digests)
        if len(vectors):
            groups = with_near_identical(groups, np.flatnonzero(has), vectors)
        return split(self.keys, self.strata, groups.tolist(), seed, shares)


def vectors_of(keys: Collection[int], encoder: Encoder) -> dict[int, Any]:
    """The vectors of images by their primary keys, of those that `encoder` has looked at."""
    rows = Embedding.similar.of(encoder).filter(image__in=keys)
    return dict(rows.values_list("image", "vector").iterator())


def labelled_images(source: LabelSource, user: Person | None, at_least: int) -> LabelledImages:
    """The images `user` may see, or all, that have a label with `at_least` so many of them.

    Labels of one name are one class, whatever the case and whoever wrote them. Raises TooFewLabels
    where that makes no two classes.
    """
    import numpy as np

    digests: dict[int, str] = {}
    names: dict[str, str] = {}
    holders: dict[str, set[int]] = defaultdict(set)
    for key, digest, name in labellings(source, user):
        digests[key] = digest
        word = name.lower()
        names[word] = min(names.get(word, name), name)
        holders[word].add(key)
    large = sorted(word for word, images in holders.items() if len(images) >= at_least)
    if len(large) < 2:
        sizes = {names[word]: len(images) for word, images in holders.items()}
        raise TooFewLabels(too_few(source, user, at_least, sizes))
    keys = sorted(set().union(*(holders[word] for word in large)))
    places = {key: place for place, key in enumerate(keys)}
    members = np.zeros((len(keys), len(large)), np.bool_)
    for column, word in enumerate(large):
        members[[places[key] for key in holders[word]], column] = True
    found = [digests[key] for key in keys]
    return LabelledImages(keys, found, [names[word] for word in large], members)


def labellings(source: LabelSource, user: Person | None) -> Iterable[tuple[int, str, str]]:
    """Each labelled image's key and digest with the name of a label, as far as `user` may see."""
    return labelled(source, user).values_list("image", "image__sha256", "label").iterator()


def labelled(source: LabelSource, user: Person | None) -> QuerySet[Any, Any]:
    """A row for each `label` of each `image`, as far as `user` may see both."""
    images = Image.objects.kept() if user is None else Image.objects.visible_to(user)
    if source is LabelSource.TAGS:
        tagged = Image.tags.through.objects.filter(image__in=images)
        return tagged.annotate(label=F("tag__name"))
    albums = Album.objects.all() if user is None else Album.objects.visible_to(user)
    held = AlbumItem.objects.filter(image__in=images, album__in=albums.order_by())
    return held.order_by().annotate(label=F("album__title"))


def label_sizes(source: LabelSource, user: Person | None) -> dict[str, int]:
    """How many images each label has that makes a class, counted by the database."""
    words = labelled(source, user).values(word=Lower("label"))
    counted = words.annotate(name=Min("label"), count=Count("image", distinct=True))
    return dict(counted.values_list("name", "count"))


def too_few(source: LabelSource, user: Person | None, at_least: int, sizes: dict[str, int]) -> str:
    """Why there are no two classes, with the largest labels and their numbers of images."""
    needed = needed_of(source, user) % {"least": at_least, "user": user}
    if not sizes:
        return gettext("%(needed)s; there are none with any.") % {"needed": needed}
    largest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{name} ({size})" for name, size in largest[:NAMED])
    told = {"needed": needed, "count": len(sizes), "names": named}
    return gettext("%(needed)s. Of %(count)s the largest: %(names)s.") % told


def needed_of(source: LabelSource, user: Person | None) -> str:
    """What has to be there, in whole sentences: other languages order the words otherwise."""
    if source is LabelSource.TAGS and user:
        return gettext(
            "At least two tags with %(least)s or more images each that %(user)s may see are needed"
        )
    if source is LabelSource.TAGS:
        return gettext("At least two tags with %(least)s or more images each are needed")
    if user:
        return gettext(
            "At least two albums with %(least)s or more images each that %(user)s may see"
            " are needed"
        )
    return gettext("At least two albums with %(least)s or more images each are needed")

"""Images, albums and tags, and who may see them."""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Self, TypeAlias
from unicodedata import combining, normalize
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.aggregates import BoolOr
from django.contrib.postgres.indexes import HashIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import models, transaction
from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import MD5, Cast, Coalesce, Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.addresses import address
from gallery.models.favourites import Favourite
from gallery.models.people import User
from gallery.models.stray import StrayFile
from gallery.models.trash import Trashable, TrashableQuerySet
from gallery.models.work import State
from gallery.renditions import KINDS

Person: TypeAlias = User | AnonymousUser
MOST_STARS = 5
# Of characters in what is typed; what comes with an exported gallery may be longer.
MOST_IN_DESCRIPTION = 10_000


class Visibility(models.TextChoices):
    PRIVATE = "private", _("only me")
    MEMBERS = "members", _("signed-in people")
    PUBLIC = "public", _("everybody")


class AlbumOrder(models.TextChoices):
    """In which order an album shows its images; each but the first is one of gallery.orders too."""

    HAND = "hand", _("by hand")
    OLDEST = "oldest", _("oldest first")
    NEWEST = "newest", _("newest first")
    TITLE = "title", _("by title")
    UPLOADED = "uploaded", _("uploaded last first")


# Those of which the last comes first.
FALLING = (AlbumOrder.NEWEST, AlbumOrder.UPLOADED)


class Orientation(models.TextChoices):
    LANDSCAPE = "landscape", _("landscape")
    PORTRAIT = "portrait", _("portrait")
    SQUARE = "square", _("square")


def words_in(text: str) -> list[str]:
    """The words of a search, folded as the database folds those of images."""
    plain = "".join(c for c in normalize("NFKD", text.lower()) if not combining(c))
    return re.findall(r"[^\W_]+", plain)


def open_to(user: Person) -> Q:
    """What `user` may see by its owner, its visibility, or having been given access."""
    if not user.is_authenticated:
        return Q(visibility=Visibility.PUBLIC)
    return Q(owner=user) | Q(visibility__in=[Visibility.PUBLIC, Visibility.MEMBERS])


class AlbumQuerySet(models.QuerySet["Album"]):
    def visible_to(self, user: Person) -> Self:
        if not user.is_authenticated:
            return self.filter(open_to(user))
        shared = Album.shared_with.through.objects.filter(album=OuterRef("pk"), user=user)
        return self.filter(open_to(user) | Exists(shared))

    def called(self, text: str) -> Self:
        """Those of that title, whoever owns them, or the one with that number."""
        number = Q(pk=int(text)) if text.isdecimal() else Q()
        return self.filter(Q(title__iexact=text) | number)

    def for_cards(self, user: Person) -> Self:
        """Each with `count`, of the images `user` may see, and `cover`, one of these: the chosen
        one, or else the first.
        """
        seen = AlbumItem.objects.filter(
            album=OuterRef("pk"), image__in=Image.objects.visible_to(user)
        )
        covers = seen.filter(image__rendering__state=State.READY).best_cover_first()
        return self.select_related("owner").annotate(
            count=Count("items", filter=Q(items__image__in=Image.objects.visible_to(user))),
            cover=Subquery(covers.values("image")[:1]),
        )


class Album(models.Model):
    """Images under a title. Sharing it with a person shares its owner's images in it."""

    is_smart = False

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="albums", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=200)
    visibility = models.CharField(
        _("visible to"), max_length=8, choices=Visibility, default=Visibility.PRIVATE
    )
    shared_with = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="albums_shared_with_me",
        blank=True,
        verbose_name=_("shared with"),
    )
    images: "models.ManyToManyField[Image, AlbumItem]" = models.ManyToManyField(
        "Image", through="AlbumItem", related_name="albums", verbose_name=_("images")
    )
    order = models.CharField(_("order"), max_length=8, choices=AlbumOrder, default=AlbumOrder.HAND)
    # Shown while it is in the album and may be seen; for_cards() says which one is.
    chosen_cover = models.ForeignKey(
        "Image", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("cover")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = AlbumQuerySet.as_manager()

    class Meta:
        verbose_name = _("album")
        verbose_name_plural = _("albums")
        ordering = ["title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "title"], name="album_title_once_an_owner")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('gallery:grid')}?album={self.pk}"


class AlbumItemQuerySet(models.QuerySet["AlbumItem"]):
    def best_cover_first(self) -> Self:
        """Each album's chosen cover, then what comes first in the album's own order."""

        def where(order: AlbumOrder, column: Any) -> Case:
            return Case(When(album__order=order, then=column))

        return self.order_by(
            Case(When(album__chosen_cover=F("image"), then=0), default=1),
            where(AlbumOrder.OLDEST, F("image__dated_at")),
            where(AlbumOrder.NEWEST, F("image__dated_at")).desc(),
            where(AlbumOrder.TITLE, Lower("image__title")),
            where(AlbumOrder.UPLOADED, F("image__created_at")).desc(),
            where(AlbumOrder.HAND, F("position")),
            Case(When(album__order__in=FALLING, then=F("image_id"))).desc(),
            "image_id",
        )


class AlbumItem(models.Model):
    """An image's place in an album."""

    album = models.ForeignKey(Album, models.CASCADE, related_name="items")
    image = models.ForeignKey("Image", models.CASCADE, related_name="album_items")
    # With room between, as gallery.placing gives it; where two are the same, by the image's number.
    position = models.BigIntegerField(default=0)

    objects = AlbumItemQuerySet.as_manager()

    class Meta:
        ordering = ["position", "image_id"]
        constraints = [
            models.UniqueConstraint(fields=["album", "image"], name="album_holds_an_image_once")
        ]
        indexes = [
            # Serves the order by hand, from any place on.
            models.Index(fields=["album", "position", "image"], name="album_by_hand")
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.album_id}"


class Above(models.Func):
    """So many parts of a tag's name, from its beginning."""

    template = "array_to_string((string_to_array(%(expressions)s, '/'))[1:%(level)s], '/')"
    output_field = models.TextField()


class TagQuerySet(models.QuerySet["Tag"]):
    def visible_to(self, user: Person) -> Self:
        """One's own, and those on images one may see: others' words are no more public."""
        seen = Image.tags.through.objects.filter(
            tag=OuterRef("pk"), image__in=Image.objects.visible_to(user)
        )
        mine = Q(owner=user) if user.is_authenticated else Q()
        return self.filter(mine | Exists(seen))

    def names_with_counts(self, user: Person) -> "models.QuerySet[Any, Any]":
        """A `name` and a `count` for each word, whoever wrote it, on images `user` may see."""
        seen = Q(images__in=Image.objects.visible_to(user))
        words = self.filter(seen).annotate(word=Lower("name")).values("word")
        counted = words.annotate(
            name=Min("name"),
            count=Count("images", distinct=True),
            is_own=BoolOr(Q(owner=user.pk)),
        )
        return counted.order_by("word")

    def under(self, name: str) -> Self:
        """Those of that name, whoever owns them, and those below it."""
        lower = name.lower()
        is_it = Q(lower=lower) | Q(lower__startswith=f"{lower}/")
        return self.alias(lower=Lower("name")).filter(is_it)

    def counts_with_those_below(
        self, user: Person, words: Sequence[str]
    ) -> "models.QuerySet[Any, Any]":
        """A `word` and a `count` of the images that have it or one below it, each image once."""
        seen = self.filter(images__in=Image.objects.visible_to(user)).order_by()
        levels = {word.count("/") + 1 for word in words}
        counted = [
            seen.annotate(word=Above(Lower("name"), level=level))
            .filter(word__in=words)
            .values("word")
            .annotate(count=Count("images", distinct=True))
            for level in sorted(levels)
        ]
        return self.none().union(*counted, all=True)


class Tag(models.Model):
    """A word its owner puts on images; "animal/cat" is below "animal"."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="tags", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=100)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="tag_name_once_an_owner")
        ]
        indexes = [
            # Serves the filter by a tag's name, and by the beginning of those below it.
            models.Index(OpClass(Lower("name"), name="text_pattern_ops"), name="tag_path")
        ]

    def __str__(self) -> str:
        return self.name


class ImageQuerySet(TrashableQuerySet["Image"]):
    def visible_to(self, user: Person) -> Self:
        """What `user` may see; what lies in the trash is seen only there."""
        if not user.is_authenticated:
            return self.kept().filter(open_to(user))
        shared = Image.shared_with.through.objects.filter(image=OuterRef("pk"), user=user)
        in_shared_album = AlbumItem.objects.filter(
            image=OuterRef("pk"), album__owner=OuterRef("owner"), album__shared_with=user
        )
        return self.kept().filter(open_to(user) | Exists(shared) | Exists(in_shared_album))

    def owned_by(self, user: Person) -> Self:
        """All that is theirs, what lies in the trash included."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def editable_by(self, user: Person) -> Self:
        """One's own; for those who look after the gallery, all that is not hidden from them."""
        if user.has_perm("gallery.change_image"):
            return self.visible_to(user)
        return self.kept().owned_by(user)

    def for_tiles(self) -> Self:
        """With all that a tile in a list shows, in one query."""
        return self.select_related("owner", "rendering")

    def favourites_of(self, user: Person) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self.filter(Exists(Favourite.objects.filter(image=OuterRef("pk"), user=user)))

    def rated_at_least(self, stars: int) -> Self:
        return self.filter(rating__gte=stars)

    def in_albums(self, albums: AlbumQuerySet) -> Self:
        """Those in at least one of `albums`."""
        held = AlbumItem.objects.filter(image=OuterRef("pk"), album__in=albums.order_by())
        return self.filter(Exists(held))

    def placed_in(self, album: Album) -> Self:
        """Those in the album, with the `position` that each has there."""
        held = self.filter(album_items__album=album)
        return held.annotate(position=F("album_items__position"))

    def outside_albums(self, albums: AlbumQuerySet) -> Self:
        held = AlbumItem.objects.filter(image=OuterRef("pk"), album__in=albums.order_by())
        return self.exclude(Exists(held))

    def sample(self, count: int) -> Self:
        """Up to `count` of them, from all over; the same ones each time, so that pages agree."""
        return self.order_by(MD5(Cast("pk", models.TextField())))[:count]

    def oriented(self, orientation: str) -> Self:
        """As shown: wider than high, higher than wide, or neither."""
        sides = {
            Orientation.LANDSCAPE.value: Q(width__gt=F("height")),
            Orientation.PORTRAIT.value: Q(width__lt=F("height")),
            Orientation.SQUARE.value: Q(width=F("height")),
        }
        return self.filter(sides[orientation])

    def tagged(self, name: str) -> Self:
        """With a tag of that name, or one below it.

        The tags are looked up first: the planner knows how many images have the tag of a number.
        """
        tags = list(Tag.objects.under(name).values_list("pk", flat=True))
        has_one = Image.tags.through.objects.filter(image=OuterRef("pk"), tag__in=tags)
        return self.filter(Exists(has_one))

    def taken_with(self, camera: str) -> Self:
        return self.filter(camera_facts__camera__iexact=camera)

    def same_bytes_as(self, image: "Image") -> Self:
        """The other images, of whomever, whose file is the very same."""
        return self.filter(sha256=image.sha256).exclude(pk=image.pk)

    def saying(self, text: str) -> Self:
        """Those whose title, tags, description or file name say all of it, with `relevance`.

        A word's beginning is enough. The relevance is a whole number, as it must be compared.
        """
        if not (words := words_in(text)):
            return self.none()
        query = SearchQuery(
            " & ".join(f"{word}:*" for word in words), config="simple", search_type="raw"
        )
        rank = Cast(SearchRank(F("text__words"), query) * 10_000, models.IntegerField())
        return self.filter(text__words=query).annotate(relevance=rank)

    def dated_between(self, after: datetime | None, before: datetime | None) -> Self:
        """Taken, or else uploaded, at `after` or later, and earlier than `before`."""
        images = self.filter(dated_at__gte=after) if after else self
        return images.filter(dated_at__lt=before) if before else images

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            images = self.select_related(None).only("file").select_for_update(of=("self",))
            StrayFile.objects.doom(name for image in images for name in image.file_names())
            return super().delete()


class Image(Trashable):
    """A picture somebody uploaded: facts about its file, and who may see it."""

    # What store_image() says of an image that it found in the trash and put back.
    was_restored = False
    # What mark_favourites() says for one person.
    is_favourite = False
    # What gallery.states.with_fate() adds.
    fate: str
    failure: str
    # Where it stands in the list that shows it, in such an order as gallery.orders has.
    place: str = ""

    # Protected: a cascade would pass by delete() and leave the files behind.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="images", verbose_name=_("owner")
    )
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    visibility = models.CharField(
        _("visible to"), max_length=8, choices=Visibility, default=Visibility.PRIVATE
    )
    shared_with = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="images_shared_with_me",
        blank=True,
        verbose_name=_("shared with"),
    )
    tags = models.ManyToManyField(Tag, related_name="images", blank=True, verbose_name=_("tags"))

    file = models.FileField(_("file"), max_length=200, editable=False)
    file_name = models.CharField(_("file name"), max_length=255, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    byte_size = models.PositiveBigIntegerField(_("bytes"), editable=False)
    format = models.CharField(_("format"), max_length=8, editable=False)
    # As shown: after the EXIF orientation was applied.
    width = models.PositiveIntegerField(_("width"), editable=False)
    height = models.PositiveIntegerField(_("height"), editable=False)
    frames = models.PositiveIntegerField(_("frames"), default=1, editable=False)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)
    rating = models.PositiveSmallIntegerField(_("rating"), default=0, help_text=_("0 to 5 stars."))
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(_("file replaced at"), null=True, editable=False)
    # When it was taken, or else came: the database's own, so that it can be an index's.
    dated_at = models.GeneratedField(
        expression=Coalesce("taken_at", "created_at"),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("image")
        verbose_name_plural = _("images")
        constraints = [
            # Also finds the image somebody already has when the same bytes come again.
            models.UniqueConstraint(fields=["owner", "sha256"], name="same_bytes_once_an_owner"),
            models.CheckConstraint(
                condition=Q(rating__lte=MOST_STARS), name="rating_has_five_stars_at_most"
            ),
        ]
        indexes = [
            # Serve the orders of the grid, and the first one the date filters.
            models.Index(fields=["-dated_at", "-id"], name="image_dated"),
            models.Index(fields=["-created_at", "-id"], name="image_created"),
            models.Index(Lower("title"), "id", name="image_title"),
            models.Index(fields=["-byte_size", "-id"], name="image_bytes"),
            # Serves same_bytes_as().
            HashIndex(fields=["sha256"], name="image_sha256"),
            # Serves visible_to() for people who own nothing.
            models.Index(fields=["visibility", "-id"], name="image_visibility"),
            # Serves in_trash_of() and overdue(): the few in the trash among the many that are not.
            models.Index(
                fields=["-trashed_at", "-id"],
                condition=Q(trashed_at__isnull=False),
                name="image_trash",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"#{self.pk}"

    def get_absolute_url(self) -> str:
        return address("gallery:image", self.pk)

    @staticmethod
    def new_file_name(extension: str) -> str:
        """A name in storage nobody can guess, with nothing of the client's in it."""
        key = uuid4().hex
        return f"originals/{key[:2]}/{key}.{extension}"

    @property
    def stored_name(self) -> str:
        return str(self.file.name)

    def rendition_name(self, kind: str) -> str:
        path = PurePosixPath(self.stored_name)
        return f"renditions/{path.parent.name}/{path.stem}-{kind}.jpg"

    @property
    def version(self) -> str:
        """What an address of its pictures ends with, so that no browser shows those of a file
        that was replaced."""
        return f"?v={self.replaced_at.timestamp():.0f}" if self.replaced_at else ""

    def file_names(self) -> list[str]:
        """Every name in storage that belongs to this image."""
        return [self.stored_name, *map(self.rendition_name, KINDS)]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the row, and with it what storage holds of the image, the worker soon after."""
        with transaction.atomic():
            StrayFile.objects.doom(self.file_names())
            return super().delete(*args, **kwargs)

"""Links that open one image or album to whoever has them."""

import secrets
from datetime import timedelta
from typing import Self

from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from gallery.models.images import Album, AlbumItem, Image, ImageQuerySet
from gallery.models.people import User, digest_of


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def open(self) -> Self:
        return self.filter(expires_at__gt=Now(), owner__is_active=True)

    def with_token(self, token: str) -> Self:
        return self.filter(digest=digest_of(token))

    def showing(self, image: Image) -> Self:
        """Those that open the image, by itself or in an album of its owner's."""
        in_album = AlbumItem.objects.filter(album=OuterRef("album"), image=image)
        opens = Q(image=image) | Exists(in_album)
        return self.open().filter(opens, owner=image.owner)

    def for_list(self) -> Self:
        return self.select_related("image", "album").order_by("-pk")


class ShareLink(models.Model):
    """Opens one image, or one album with the images its owner put there, and nothing beside it.

    The token in its address is worked out of `seed` by the SECRET_KEY, so its owner can copy it
    again, while a copy of the database opens nothing.
    """

    owner = models.ForeignKey(
        User, models.CASCADE, related_name="share_links", verbose_name=_("owner")
    )
    image = models.ForeignKey(
        Image, models.CASCADE, null=True, related_name="share_links", verbose_name=_("image")
    )
    album = models.ForeignKey(
        Album, models.CASCADE, null=True, related_name="share_links", verbose_name=_("album")
    )
    seed = models.CharField(max_length=43, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    password = models.CharField(max_length=128, blank=True, editable=False)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"))

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")
        constraints = [
            models.CheckConstraint(
                condition=Q(image=None, album__isnull=False) | Q(image__isnull=False, album=None),
                name="link_opens_an_image_or_an_album",
            )
        ]

    def __str__(self) -> str:
        return str(self.image or self.album)

    @classmethod
    def issue(cls, target: Image | Album, days: int, password: str = "") -> "ShareLink":
        link = cls(owner=target.owner, seed=secrets.token_urlsafe(32))
        setattr(link, "image" if isinstance(target, Image) else "album", target)
        link.digest = digest_of(link.token)
        link.password = make_password(password) if password else ""
        link.expires_at = timezone.now() + timedelta(days=days)
        link.save()
        return link

    @property
    def token(self) -> str:
        return salted_hmac("gallery.ShareLink", self.seed, algorithm="sha256").hexdigest()

    @property
    def address(self) -> str:
        return reverse("gallery:shared", args=[self.token])

    @property
    def is_legible(self) -> bool:
        """Whether the link can be shown; it can't if the SECRET_KEY is another one by now."""
        return digest_of(self.token) == self.digest

    @property
    def is_open(self) -> bool:
        return self.expires_at > timezone.now()

    def images(self) -> ImageQuerySet:
        """What it opens: as its owner sees it, and only of theirs."""
        images = Image.objects.visible_to(self.owner).owned_by(self.owner).for_tiles()
        return images.placed_in(self.album) if self.album else images.filter(share_links=self)

    def is_password(self, text: str) -> bool:
        return check_password(text, self.password)

    @property
    def unlocked_mark(self) -> str:
        """What the session of somebody who gave the password holds; another password, another."""
        return salted_hmac("gallery.ShareLink.unlocked", f"{self.pk}{self.password}").hexdigest()

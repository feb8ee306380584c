"""Invitations: how people come in where nobody may sign up."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gallery.models.people import Role, User, digest_of, new_key

VALID_FOR = timedelta(days=7)


def valid_until() -> datetime:
    return timezone.now() + VALID_FOR


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """Those that still let somebody in."""
        return self.filter(
            accepted_at=None, expires_at__gt=Now(), made_by__is_active=True
        ).order_by("-pk")

    def matching(self, key: str) -> Self:
        return self.filter(digest=digest_of(key))


class Invitation(models.Model):
    """A link that lets one person in. Only its digest is kept: it is shown once."""

    made_by = models.ForeignKey(
        User, models.CASCADE, related_name="invitations", verbose_name=_("made by")
    )
    note = models.CharField(_("for"), max_length=100, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.CONTRIBUTOR)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("valid until"), default=valid_until)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, editable=False)
    accepted_by = models.OneToOneField(
        User,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="came_by",
        verbose_name=_("accepted by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.note or f"#{self.pk}"

    def issue(self) -> str:
        """Save it and return the key of its link, which can't be shown again."""
        key = new_key()
        self.digest = digest_of(key)
        self.save()
        return key

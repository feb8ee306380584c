"""People and the tokens of their scripts."""

import hashlib
import secrets
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Our own from the first migration, so that it can grow."""


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def matching(self, key: str) -> Self:
        return self.filter(digest=ApiToken.digest_of(key), user__is_active=True)


class ApiToken(models.Model):
    """A script's key. Only its SHA-256 is kept: a copy of the database opens nothing."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"token of {self.user} ({self.digest[:8]})"

    @staticmethod
    def digest_of(key: str) -> str:
        # The key has 256 random bits: a slow password hash would add nothing.
        return hashlib.sha256(key.encode()).hexdigest()

    @classmethod
    def issue(cls, user: User) -> str:
        """Make a token for `user` and return its key, which can't be shown again."""
        key = secrets.token_urlsafe(32)
        cls.objects.create(user=user, digest=cls.digest_of(key))
        return key
